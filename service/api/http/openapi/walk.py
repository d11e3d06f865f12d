"""Walks through the schemas of an OpenAPI document."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
Document = dict[str, Any]

#: Keywords whose value is one schema, a list of schemas, or schemas by name.
_ONE = ("items", "additionalProperties", "propertyNames")
_SEVERAL = ("anyOf", "oneOf", "allOf", "prefixItems")
_BY_NAME = ("properties", "$defs", "patternProperties")


def subschemas(schema: Schema) -> Iterator[Schema]:
    """Yield *schema* and every schema inside it. What a ``$ref`` points to is not inside."""
    yield schema
    inside = [schema[keyword] for keyword in _ONE if isinstance(schema.get(keyword), dict)]
    inside += [each for keyword in _SEVERAL for each in schema.get(keyword, ())]
    inside += [each for keyword in _BY_NAME for each in schema.get(keyword, {}).values()]
    for each in inside:
        yield from subschemas(each)


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield the method and the description of every operation of *document*."""
    for path in document["paths"].values():
        yield from path.items()
