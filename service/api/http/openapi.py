"""The OpenAPI document: what FastAPI does not find by itself."""

import re
from typing import Any

import orjson
from pydantic import BaseModel

#: Schemas whose published name is not their class's: generated clients know them by it.
PUBLISHED_NAMES = {"WebhookEvent": "Happening", "DeliveryState": "State"}


def documented(kind: type[BaseModel], **example: object) -> dict[str, Any]:
    """What the OpenAPI document says of a route whose body `body_of` reads; `App.openapi` adds the schema."""
    content = {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def with_published_names(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the published names of renamed classes."""
    text = orjson.dumps(document).decode()
    for name, published in PUBLISHED_NAMES.items():
        text = re.sub(rf'(?<=["/]){name}(?=")', published, text)
    renamed: dict[str, Any] = orjson.loads(text)
    return renamed


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The one form that a schema has beside null."""
    forms = [form for form in schema.get("anyOf", []) if form != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return rest | forms[0] if len(forms) == 1 else schema
