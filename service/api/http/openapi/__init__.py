"""The OpenAPI document: what FastAPI cannot know, in the form that generators of clients need."""

from service.api.http.openapi.document import completed, documented
from service.api.http.openapi.walk import Schema

__all__ = ["Schema", "completed", "documented"]
