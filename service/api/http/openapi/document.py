"""Completes the OpenAPI document with what FastAPI cannot know: bodies that routes read themselves, and problems."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from service.api.http.openapi.defaults import describe_defaults
from service.api.http.openapi.errors import add_errors
from service.api.http.openapi.walk import Document, Schema, operations, subschemas

#: Schemas whose published name differs from their class's name: generated clients depend on it.
PUBLISHED_NAMES = {
    "Body_upload_checkpoint": "CheckpointUpload",
    "DeliveryState": "State",
    "WebhookEvent": "Happening",
}

TAGS = {
    "predict": "Recognise digits.",
    "jobs": "Train networks in the background.",
    "history": "Follow a job: its losses, metrics and events.",
    "checkpoints": "Saved weights: download, upload and evaluate them.",
    "datasets": "Training and test pictures: MNIST, and your own.",
    "models": "What answers predictions: models, their versions and aliases.",
    "charts": "Charts of jobs and checkpoints, as SVG, PNG or Vega-Lite.",
    "compare": "Compare jobs.",
    "experiments": "Whether one configuration is really better than another.",
    "webhooks": "URLs that the service calls when jobs end.",
    "service": "The service itself: its health, metrics, and the caller's API key.",
    "TensorFlow Serving": "The REST API of TensorFlow Serving, for its clients.",
    "Open Inference Protocol": "Version 2 of the protocol of KServe and Triton, for its clients.",
}

#: The fields of the document around its paths. A client knows the host: the address is relative to the document's.
FRAME: Document = {
    "servers": [{"url": "/", "description": "The service that publishes this document."}],
    "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
}


def documented(kind: type[BaseModel], **example: object) -> Document:
    """Return the ``openapi_extra`` of a route with a body of *kind*; `completed` adds the schema."""
    content = {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}, "example": example}
    is_needed = any(field.is_required() for field in kind.model_fields.values())  # an empty body is {}
    return {"requestBody": {"required": is_needed, "content": {"application/json": content}}}


def completed(document: Document, models: Iterable[type[BaseModel]], schemas: Mapping[str, Schema]) -> Document:
    """Return FastAPI's document, with the schemas of *models*, more *schemas*, and published names.

    FastAPI declares an optional query parameter as "something or null"; a parameter can be left out but never be null.
    """
    components = document["components"]["schemas"]
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        components |= {**schema.pop("$defs", {}), model.__name__: schema}
    components |= schemas
    _name_unions(components)
    for each in components.values():
        describe_defaults(each)
        _simplify(each)
    for _, operation in operations(document):
        operation["tags"] = operation["tags"][-1:]  # the route's own, or else its router's: generators sort by it
        for parameter in operation.get("parameters", []):
            parameter["schema"] = _without_null(parameter["schema"])
    add_errors(document)
    return _with_published_names(document | FRAME)


def _name_unions(components: dict[str, Schema]) -> None:
    """Make a component of each union inside a field: generators name its class after it, once."""
    for owner, schema in list(components.items()):
        for name, field in schema.get("properties", {}).items():
            if "discriminator" in field:
                union = f"{name.title()}In" if owner.endswith("In") else name.title()
                components[union] = {key: field[key] for key in ("oneOf", "discriminator")} | {"title": union}
                schema["properties"][name] = {"$ref": f"#/components/schemas/{union}"}


def _simplify(schema: Schema) -> None:
    """Write what few generators understand in the way that most do; it means the same."""
    for each in subschemas(schema):
        if "contentMediaType" in each:
            each["format"] = "binary"
        if len(patterns := each.get("patternProperties", {})) == 1:
            del each["patternProperties"]
            [(pattern, each["additionalProperties"])] = patterns.items()
            each["propertyNames"] = each.get("propertyNames", {}) | {"pattern": pattern}


def _without_null(schema: Schema) -> Schema:
    """Return the schema's only alternative to null; a schema with several alternatives stays as it is."""
    alternatives = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return rest | alternatives[0] if len(alternatives) == 1 else schema


def _with_published_names(document: Document) -> Document:
    text = orjson.dumps(document).decode()
    for name, published in PUBLISHED_NAMES.items():
        text = re.sub(rf'(?<=["/]){name}(?=")', published, text)
    renamed: dict[str, Any] = orjson.loads(text)
    return renamed
