"""Moves defaults from schemas into their descriptions.

In an answer a default means nothing: the field is always there. In a request a preset or a parent job may fill an
absent field with another value. And generators take a default for a promise: openapi-typescript makes the field
required, and openapi-python-client leaves out every operation with an object as a default.
"""

import orjson

from service.api.http.openapi.walk import Schema, subschemas


def describe_defaults(schema: Schema) -> None:
    """Replace each default of a property in *schema* by a sentence, or by nothing if the property is required."""
    for each in subschemas(schema):
        for name, field in each.get("properties", {}).items():
            if "default" in field:
                default = field.pop("default")
                if name not in each.get("required", ()) and _is_plain(default):
                    _describe(field, default)


def _is_plain(default: object) -> bool:
    return default is not None and not isinstance(default, dict)


def _describe(field: Schema, default: object) -> None:
    sentence = f"Default: `{orjson.dumps(default).decode()}`."
    field["description"] = f"{field['description']} {sentence}" if "description" in field else sentence
