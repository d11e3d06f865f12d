"""Axes for the values of a parameter, of any kind: where each value is, from 0 to 1."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.experiments.sweeps.groups import is_number
from service.experiments.sweeps.names import text_of

#: From this ratio of the largest to the smallest value on, an axis is logarithmic.
LOG_FROM = 20

#: With more numbers than this, only the smallest, the one in the middle and the largest are marked.
MOST_TICKS = 6


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis.

    Attributes:
        places: Where the values are, from 0 to 1, in their order.
        ticks: The values to mark: their places and themselves, as numbers or texts.
    """

    places: Sequence[float]
    ticks: Sequence[tuple[float, float | str]]


def is_logarithmic(numbers: Sequence[float]) -> bool:
    """Return whether a logarithmic axis shows these numbers better."""
    return bool(numbers) and min(numbers) > 0 and max(numbers) / min(numbers) >= LOG_FROM


def axis_of(values: Sequence[Any]) -> Axis:
    """Return the axis of the values: of numbers by their size, of others in the order in which they occur."""
    if values and all(is_number(value) for value in values):
        return _of_numbers([float(value) for value in values])
    texts = [text_of(value) for value in values]
    order = list(dict.fromkeys(texts))
    place = {text: number / max(len(order) - 1, 1) for number, text in enumerate(order)}
    return Axis(places=[place[text] for text in texts], ticks=[(place[text], text) for text in order])


def _of_numbers(numbers: Sequence[float]) -> Axis:
    scaled = [math.log(number) for number in numbers] if is_logarithmic(numbers) else numbers
    low, high = min(scaled), max(scaled)
    places = [(number - low) / (high - low) if high > low else 0.5 for number in scaled]
    ticks = sorted(set(zip(places, numbers, strict=True)))
    shown = ticks if len(ticks) <= MOST_TICKS else [ticks[0], ticks[len(ticks) // 2], ticks[-1]]
    return Axis(places=places, ticks=shown)
