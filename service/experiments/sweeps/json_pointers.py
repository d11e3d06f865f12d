"""JSON pointers (RFC 6901): the fields of a job's body that a sweep changes."""

import re
from collections.abc import Sequence
from typing import Any

_SYNTAX = re.compile(r"(/([^~/]|~[01])*)+")


class NoSuchPlaceError(LookupError):
    """A pointer leads to an item that a list does not have, or into a value without fields."""


def parts_of(pointer: str) -> list[str] | None:
    """Return the names on the way to a field, such as ``["optimizer", "momentum"]``; None if it is no pointer."""
    if not _SYNTAX.fullmatch(pointer):
        return None
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def escaped(name: str) -> str:
    """Return a name as a part of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def changed(document: Any, parts: Sequence[str], value: Any, *, defaults: Any) -> Any:
    """Return a copy of a document with another value at one place. Objects on the way are made if they are missing.

    Args:
        document: JSON; it stays as it is.
        parts: The names on the way to the place.
        value: The new value.
        defaults: JSON; a list that the document lacks is copied from here.

    Raises:
        NoSuchPlaceError: The place does not exist and cannot be made.
    """
    if not parts:
        return value
    name, *rest = parts
    if document is None:
        document = defaults if isinstance(defaults, list) else {}
    if isinstance(document, dict):
        below = changed(document.get(name), rest, value, defaults=_member(defaults, name))
        return {**document, name: below}
    if not isinstance(document, list) or not name.isdecimal() or int(name) >= len(document):
        raise NoSuchPlaceError(name)
    items = list(document)
    items[int(name)] = changed(items[int(name)], rest, value, defaults=_member(defaults, name))
    return items


def _member(document: Any, name: str) -> Any:
    if isinstance(document, dict):
        return document.get(name)
    has_item = isinstance(document, list) and name.isdecimal() and int(name) < len(document)
    return document[int(name)] if has_item else None
