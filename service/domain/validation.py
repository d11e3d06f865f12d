"""Turns Pydantic's errors into errors with JSON pointers to the wrong fields."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

from service.domain.field_messages import field_error
from service.errors import InvalidInput


def invalid_input(errors: list[ErrorDetails], body: object, *, kind: Any, root: str = "") -> InvalidInput:
    """Return Pydantic's *errors* about a *body* of *kind* as one, with a JSON pointer below *root* for each field."""
    places = [_pointer(error, body) for error in errors]
    fields = [
        field_error(root + place, error, kind=kind)
        for place, error in zip(places, errors, strict=True)
        if not _is_consequence(error["type"], place, places)
    ]
    return InvalidInput("; ".join(f"{field.pointer or 'The body'}: {field.message}" for field in fields), *fields)


def _is_consequence(code: str, place: str, places: Sequence[str]) -> bool:
    """Return whether an error only follows from errors inside the value, which name the cause.

    A list is too short without its wrong members, and with a wrong member it is no variant of a union.
    """
    return (code == "too_short" or code.endswith("_type")) and any(other.startswith(f"{place}/") for other in places)


def _pointer(error: ErrorDetails, body: object) -> str:
    """Return the JSON pointer (RFC 6901) of an error.

    In a union Pydantic's location also names the variant, which the body does not have as a key:
    ``("optimizer", "sgd", "momentum")`` becomes ``/optimizer/momentum``. A missing field is not in the body either;
    it is the last part of its location.
    """
    pointer, value, location = "", body, error["loc"]
    for number, part in enumerate(location, start=1):
        if _contains(value, part):
            value = value[part]  # type: ignore[index]  # it contains the part
        elif not (error["type"] == "missing" and number == len(location)):
            continue
        pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
    return pointer


def _contains(value: object, part: str | int) -> bool:
    return part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)
