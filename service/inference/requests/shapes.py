"""The shapes of one image and of a batch, with or without an axis of 1: of arrays, and of nested lists from JSON."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from naivenet.datasets import PIXELS, SIDE

SHAPES = f"(n, {SIDE}, {SIDE}) or (n, {PIXELS}), or a single image of ({SIDE}, {SIDE}) or ({PIXELS},)"

#: One image: flat or in rows, also with a last axis for its one channel.
_SINGLE = frozenset({(PIXELS,), (SIDE, SIDE), (PIXELS, 1), (SIDE, SIDE, 1)})

#: One image of a batch: it may also have its axis of 1 in front, as PyTorch's channels are.
_SAMPLES = _SINGLE | {(1, PIXELS), (1, SIDE, SIDE)}


def count_of(shape: Sequence[int]) -> int | None:
    """Return how many images an array of this shape has; ``None`` if it is no shape of images."""
    if tuple(shape) in _SINGLE:
        return 1
    return shape[0] if tuple(shape[1:]) in _SAMPLES else None


def is_batch(shape: Sequence[int]) -> bool:
    """Return whether a shape that `count_of` knows is that of a batch, even of one."""
    return tuple(shape) not in _SINGLE


def without_leading_axis(value: Any) -> Any:
    """Return the only element of a list of one list; any other value unchanged."""
    return value[0] if type(value) is list and len(value) == 1 and type(value[0]) is list else value


def without_trailing_axis(value: Any) -> Any:
    """Return a list, or a list of rows, whose elements are lists of one number, without these lists."""
    if not _is_nested(value):
        return value
    if (flat := _unwrapped(value)) is not value:
        return flat
    return [_unwrapped(row) for row in value] if all(map(_is_nested, value)) else value


def _is_nested(value: Any) -> bool:
    return type(value) is list and bool(value) and type(value[0]) is list


def _unwrapped(values: list[Any]) -> list[Any]:
    """Return the elements of lists of one; the list itself if it has other elements."""
    if all(type(each) is list and len(each) == 1 for each in values):
        return list(chain.from_iterable(values))
    return values
