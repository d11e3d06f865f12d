"""What a client may have meant by a name that does not exist: a similar one, or the same one in another place."""

import functools
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter

Schema = dict[str, Any]

_QUOTED = re.compile(r"'([^']*)'")


def did_you_mean(name: str, known: Sequence[str]) -> dict[str, str]:
    """Return the known name that is most similar, as the parameter of a message; empty if none is similar."""
    match = get_close_matches(name, known, n=1) or [each for each in known if each.lower() == name.lower()][:1]
    return {"did_you_mean": match[0]} if match else {}


def closest(name: str, choices: object) -> dict[str, str]:
    """Return the same for choices as Pydantic lists them, in quotes."""
    return did_you_mean(name, _QUOTED.findall(str(choices)))


def suggest(kind: Any, location: Sequence[str | int]) -> dict[str, str]:
    """Return parameters of a message about an unknown field of *kind*: a similar name, or the place of this name."""
    *parents, name = location
    here = _names(_schema(kind), _at(_schema(kind), parents))
    if similar := did_you_mean(str(name), here):
        return similar
    places = _places(kind)
    if homes := [place for place, names in places if name in names]:
        is_elsewhere = not any(name in names for place, names in places if place == _place(kind, parents))
        return {"belongs_under": homes[0]} if is_elsewhere else {"known_fields": ", ".join(here)}
    elsewhere = did_you_mean(str(name), [each for _, names in places for each in names])
    if elsewhere:
        home = next(place for place, names in places if elsewhere["did_you_mean"] in names)
        return elsewhere | {"belongs_under": home}
    return {"known_fields": ", ".join(here)}


@functools.lru_cache(maxsize=64)
def _schema(kind: Any) -> Schema:
    return TypeAdapter(kind).json_schema()


def _resolved(schema: Schema, node: Schema) -> Schema:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def _variants(schema: Schema, node: Schema) -> Iterator[Schema]:
    """Yield the node, or each alternative of a union."""
    node = _resolved(schema, node)
    alternatives = [*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())]
    if not alternatives:
        yield node
    for each in alternatives:
        yield from _variants(schema, each)


def _at(schema: Schema, location: Sequence[str | int]) -> Schema:
    """Return the node at Pydantic's location, which also has the tags of unions."""
    node = schema
    for part in location:
        mapping = _resolved(schema, node).get("discriminator", {}).get("mapping", {})
        inside = [each for each in _variants(schema, node) if part in each.get("properties", {})]
        if inside:
            node = inside[0]["properties"][part]
        elif part in mapping:
            node = {"$ref": mapping[part]}
        elif isinstance(part, int):
            node = next((each["items"] for each in _variants(schema, node) if "items" in each), {})
    return node


def _names(schema: Schema, node: Schema) -> list[str]:
    return list(dict.fromkeys(name for each in _variants(schema, node) for name in each.get("properties", {})))


@functools.lru_cache(maxsize=64)
def _places(kind: Any) -> list[tuple[str, frozenset[str]]]:
    """Return each place that has fields, as a JSON pointer, with their names; the shortest pointers first."""
    schema = _schema(kind)
    found = [(place or "/", frozenset(_names(schema, node))) for place, node in _walk(schema, schema, "")]
    return sorted(found, key=lambda each: each[0].count("/"))


def _walk(schema: Schema, node: Schema, place: str) -> Iterator[tuple[str, Schema]]:
    yield place, node
    for each in _variants(schema, node):
        for name, below in each.get("properties", {}).items():
            yield from _walk(schema, below, f"{place}/{name}")
        if isinstance(each.get("items"), dict):
            yield from _walk(schema, each["items"], f"{place}/0")


def _place(kind: Any, location: Sequence[str | int]) -> str:
    """Return the JSON pointer of a location, without the tags of unions."""
    pointer, known = "", {place for place, _ in _places(kind)}
    for part in location:
        step = f"{pointer}/{0 if isinstance(part, int) else part}"
        pointer = step if step in known else pointer
    return pointer or "/"
