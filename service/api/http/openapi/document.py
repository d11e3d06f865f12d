"""Completes the OpenAPI document with what FastAPI cannot know: bodies that routes read themselves, and problems."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from pydantic import BaseModel

Document = dict[str, Any]

#: Schemas whose published name differs from their class's name: generated clients depend on it.
PUBLISHED_NAMES = {"WebhookEvent": "Happening", "DeliveryState": "State"}


def documented(kind: type[BaseModel], **example: object) -> Document:
    """Return the ``openapi_extra`` of a route with a body of *kind*; `completed` adds the schema."""
    content = {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def completed(document: Document, models: Iterable[type[BaseModel]]) -> Document:
    """Return FastAPI's document, with the schemas of *models*, and published names in place of classes' names.

    FastAPI declares an optional query parameter as "something or null"; a parameter can be left out but never be null.
    """
    schemas = document["components"]["schemas"]
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**schema.pop("$defs", {}), model.__name__: schema}
    for parameter in _parameters_of(document):
        parameter["schema"] = _without_null(parameter["schema"])
    return _with_published_names(document)


def _parameters_of(document: Document) -> Iterator[Document]:
    for operations in document["paths"].values():
        for operation in operations.values():
            yield from operation.get("parameters", [])


def _without_null(schema: Document) -> Document:
    """Return the schema's only alternative to null; a schema with several alternatives stays as it is."""
    alternatives = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return rest | alternatives[0] if len(alternatives) == 1 else schema


def _with_published_names(document: Document) -> Document:
    text = orjson.dumps(document).decode()
    for name, published in PUBLISHED_NAMES.items():
        text = re.sub(rf'(?<=["/]){name}(?=")', published, text)
    renamed: Document = orjson.loads(text)
    return renamed
