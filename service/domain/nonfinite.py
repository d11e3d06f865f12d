"""Numbers that are not finite, for JSON: it has no NaN and no infinities.

In answers, events and webhook payloads such a number becomes null, and a field ``nonfinite`` beside it names which one
it was. In JSON columns, which are read back as numbers, it becomes a string.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

#: The names that the API uses.
NonFinite = Literal["nan", "inf", "-inf"]

_BY_COLUMN_NAME = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_COLUMN_NAMES: Mapping[NonFinite, str] = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def nonfinite_name(number: float | None) -> NonFinite | None:
    """Return the name of a number that JSON cannot hold; None for every other number."""
    if number is None or number - number == 0:
        return None
    return "nan" if number != number else "inf" if number > 0 else "-inf"  # noqa: PLR0124  # only NaN differs from itself


def finite_or_none(number: float) -> float | None:
    """Return *number*, or None if it is not finite."""
    return number if math.isfinite(number) else None


def with_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return *data* with None for each number that is not finite, at any depth.

    An object that held one gets a field ``nonfinite`` with the name of the first.
    """
    names = [name for value in data.values() if (name := _first_name(value))]
    nulled = {key: _with_nulls(value) for key, value in data.items()}
    return nulled | {"nonfinite": names[0]} if names else nulled


def to_column(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* with a string for each number that is not finite, as a JSON column stores them."""
    return {key: _column_value(value) for key, value in values.items()}


def from_column(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `to_column` was given."""
    return {
        key: _BY_COLUMN_NAME.get(value, value) if isinstance(value, str) else value for key, value in values.items()
    }


def _column_value(value: object) -> object:
    name = nonfinite_name(value) if isinstance(value, float) else None
    return _COLUMN_NAMES[name] if name else value


def _with_nulls(value: object) -> object:
    if isinstance(value, Mapping):
        return with_nulls(value)
    if isinstance(value, list | tuple):
        return [_with_nulls(each) for each in value]
    return None if _first_name(value) else value


def _first_name(value: object) -> NonFinite | None:
    """Return the name of the number, or of the first in the list, that is not finite."""
    if isinstance(value, list | tuple):
        return next((name for each in value if (name := _first_name(each))), None)
    return nonfinite_name(value) if isinstance(value, float) else None
