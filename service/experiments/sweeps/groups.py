"""Groups the arms of a sweep by their values of one parameter; numbers that hardly repeat, by bins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

#: Numbers with more different values than this are sorted into bins of at least so many arms.
MOST_VALUES, ARMS_IN_BIN, MOST_BINS = 10, 3, 8


@dataclass(frozen=True, kw_only=True)
class Group:
    """Arms with the same value of a parameter, or with values near each other.

    Attributes:
        value: The value, any JSON; of a bin, the median.
        places: The numbers of the arms, from 0.
        low: The smallest value of a bin, and *high* the largest; None without bins.
    """

    value: Any
    places: Sequence[int]
    low: float | None = None
    high: float | None = None


def is_grid(values: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether there is an arm for each combination of the values that occur."""
    combinations = 1
    for pointer in values[0]:
        combinations *= len({_key(each[pointer]) for each in values})
    return len(values) == combinations


def grouped(values: Sequence[Any], *, bins: bool) -> list[Group]:
    """Return the groups of arms with these values: numbers by their size, other values as they first occur.

    Args:
        values: Of each arm.
        bins: Whether numbers with many values are sorted into bins.
    """
    places: dict[bytes, list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(_key(value), []).append(place)
    are_numbers = all(is_number(value) for value in values)
    if bins and are_numbers and len(places) > MOST_VALUES:
        return _bins(values)
    groups = [Group(value=values[found[0]], places=found) for found in places.values()]
    return sorted(groups, key=lambda group: float(group.value)) if are_numbers else groups


def is_number(value: Any) -> bool:
    """Return whether a value of JSON is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bins(values: Sequence[float]) -> list[Group]:
    """Return bins with about the same number of arms."""
    bins = max(2, min(MOST_BINS, len(values) // ARMS_IN_BIN))
    found = [[int(place) for place in part] for part in np.array_split(np.argsort(values, kind="stable"), bins)]
    return [
        Group(
            value=float(np.median([values[place] for place in places])),
            places=places,
            low=float(values[places[0]]),
            high=float(values[places[-1]]),
        )
        for places in found
    ]


def _key(value: Any) -> bytes:
    return orjson.dumps(float(value) if is_number(value) else value)
