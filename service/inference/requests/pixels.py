"""Reads arrays of pixels from JSON: fast if they are valid, and with the exact place of a mistake if not."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import PIXELS, SIDE
from service.errors import FieldError, InvalidInput
from service.inference.requests.grey_levels import RANGES, to_intensities
from service.inference.requests.shapes import without_leading_axis, without_trailing_axis

SHAPES = f"{SIDE} rows of {SIDE} numbers, or {PIXELS} numbers"
TYPE_NAMES = {bool: "a boolean", str: "a string", dict: "an object", list: "a list", type(None): "null"}


def read_pixels(value: Any, pointer: str, *, may_hold_booleans: bool = True) -> NDArray[Any]:
    """Read one array of pixels from parsed JSON.

    Integers range from 0 to 255, and fractions from 0 to 1, or, where that is plain, from 0 to 255. Integers that
    are all 0 or 1 range from 0 to 1: JavaScript writes 1.0 as ``1``, and from 0 to 255 they would be a black image.
    So do booleans, if all are.

    Args:
        value: 28 rows of 28 numbers, or 784 numbers; also with one more axis of 1, in front or behind.
        pointer: Its place in the body, for errors.
        may_hold_booleans: False if the text of the body has none; then the check for them is skipped. Python
            would read ``true`` as 1.

    Shapes:
        result: (784,), float32 from 0 to 1, or whole numbers as uint8 from 0 to 255.

    Raises:
        InvalidInput: It is no such array; the error names the first place that is wrong.
    """
    if (rows := _rows(value)) is None:
        rows, pointer = _reduced(value, pointer)
    if not may_hold_booleans or bool not in set(map(type, chain.from_iterable(rows))):
        try:
            return _from_bytes(b"".join(map(bytes, rows)))
        except (TypeError, ValueError):
            pass  # there is a fraction or a mistake
    return _from_fractions(rows, pointer)


def _rows(value: Any) -> list[list[Any]] | None:
    """Return the value as one list of 784, or 28 lists of 28; ``None`` if it has another shape."""
    if type(value) is not list:
        return None
    if len(value) == PIXELS and type(value[0]) is not list:
        return [value]
    if len(value) == SIDE and set(map(type, value)) == {list} and set(map(len, value)) == {SIDE}:
        return value
    return None


def _reduced(value: Any, pointer: str) -> tuple[list[list[Any]], str]:
    """Return the rows of a value that has an axis of 1, in front or behind or both, and their place."""
    if type(value) is not list:
        raise InvalidInput.at(pointer, f"Pixels must be {SHAPES}, not {type_name(value)}.")
    inner = without_leading_axis(value)
    if (rows := _rows(without_trailing_axis(inner))) is None:
        raise InvalidInput(*_shape_error(value, pointer))
    return rows, pointer if inner is value else f"{pointer}/0"


def _shape_error(value: list[Any], pointer: str) -> tuple[str, FieldError]:
    for index, row in enumerate(value):
        if type(row) is list and len(row) != SIDE:
            return _error(f"{pointer}/{index}", f"A row must have {SIDE} numbers, not {len(row)}.")
        if type(row) is not list and type(value[0]) is list:
            return _error(f"{pointer}/{index}", f"A row must be a list of {SIDE} numbers, not {type_name(row)}.")
    what = "rows" if value and type(value[0]) is list else "numbers"
    return _error(pointer, f"Pixels must be {SHAPES}, not {len(value)} {what}.")


def _from_bytes(data: bytes) -> NDArray[Any]:
    pixels = np.frombuffer(data, np.uint8)
    return pixels if np.maximum.reduce(pixels) > 1 else pixels.astype(np.float32)


def _from_fractions(rows: list[list[Any]], pointer: str) -> NDArray[np.float32]:
    types = set(map(type, chain.from_iterable(rows)))
    if types == {list}:
        rows = without_trailing_axis(rows)
        types = set(map(type, chain.from_iterable(rows)))
    if types <= {int, float} or types == {bool}:
        levels = np.array(rows, np.float64)
        return to_intensities(levels[0] if len(rows) == 1 else levels, pointer).reshape(PIXELS)
    raise InvalidInput(*_no_number(rows, pointer))


def _no_number(rows: list[list[Any]], pointer: str) -> tuple[str, FieldError]:
    """Return the error of the first pixel that is no number."""
    place, pixel = next((place, pixel) for place, pixel in _with_places(rows) if type(pixel) not in {int, float})
    return _error(f"{pointer}{place}", f"{RANGES}; this is {type_name(pixel)}.")


def _error(pointer: str, message: str) -> tuple[str, FieldError]:
    return message, FieldError(pointer, message)


def _with_places(rows: list[list[Any]]) -> Iterator[tuple[str, Any]]:
    for y, row in enumerate(rows):
        for x, pixel in enumerate(row):
            yield (f"/{x}" if len(rows) == 1 else f"/{y}/{x}"), pixel


def type_name(value: Any) -> str:
    """Return the type of a JSON value, in words."""
    return TYPE_NAMES.get(type(value), "a number")
