"""Arrays of pixels out of JSON: fast where all is well, exact about the place where it is not."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import FieldError, InvalidInput
from service.inference.pictures.report import PIXELS, SIDE
from service.inference.pictures.scaling import to_unit

RANGES = "Pixels are integers from 0 to 255, or, where any of them is a fraction, numbers from 0 to 1"
SHAPES = f"{SIDE} rows of {SIDE} numbers, or {PIXELS} numbers"
TYPE_NAMES = {bool: "a boolean", str: "a text", dict: "an object", list: "a list", type(None): "null"}


def read_pixels(value: Any, pointer: str, *, may_hold_booleans: bool = True) -> NDArray[np.float32]:
    """Read one array of pixels as it came out of JSON.

    Integers count from 0 to 255. Where any number has a fraction or an exponent (``0.5``, ``1.0``), all count
    from 0 to 1. Integers that are all 0 or 1 do too: JavaScript writes 1.0 as ``1``, and on the other scale
    they would be a black picture.

    Args:
        value: 28 rows of 28 numbers, or 784 numbers.
        pointer: Where it stood.
        may_hold_booleans: Without them, which the caller may know from the text, ``true`` need not be looked
            for: Python takes it for 1.

    Shapes:
        result: (784,), float32 from 0 to 1.

    Raises:
        InvalidInput: It is no such array; names the first place that is wrong.
    """
    rows = _rows(value, pointer)
    if not may_hold_booleans or bool not in set(map(type, chain.from_iterable(rows))):
        try:
            return _from_bytes(b"".join(map(bytes, rows)))
        except (TypeError, ValueError):
            pass  # a fraction, or a mistake
    return _from_fractions(rows, pointer, is_flat=rows[0] is value)


def _rows(value: Any, pointer: str) -> list[list[Any]]:
    """The value as lists of the right lengths, be it one of 784 or 28 of 28."""
    if type(value) is not list:
        raise InvalidInput.at(pointer, f"Pixels are {SHAPES}, not {type_name(value)}.")
    if len(value) == PIXELS and type(value[0]) is not list:
        return [value]
    if len(value) == SIDE and set(map(type, value)) == {list} and set(map(len, value)) == {SIDE}:
        return value
    raise InvalidInput(*_shape_complaint(value, pointer))


def _shape_complaint(value: list[Any], pointer: str) -> tuple[str, FieldError]:
    for index, row in enumerate(value):
        if type(row) is list and len(row) != SIDE:
            return _complaint(f"{pointer}/{index}", f"A row has {SIDE} numbers, not {len(row)}.")
        if type(row) is not list and type(value[0]) is list:
            return _complaint(f"{pointer}/{index}", f"A row is a list of {SIDE} numbers, not {type_name(row)}.")
    what = "rows" if value and type(value[0]) is list else "numbers"
    return _complaint(pointer, f"Pixels are {SHAPES}, not {len(value)} {what}.")


def _from_bytes(data: bytes) -> NDArray[np.float32]:
    pixels = np.frombuffer(data, np.uint8)
    return to_unit(pixels) if int(pixels.max()) > 1 else pixels.astype(np.float32)


def _from_fractions(rows: list[list[Any]], pointer: str, *, is_flat: bool) -> NDArray[np.float32]:
    types = set(map(type, chain.from_iterable(rows)))
    if float in types and types <= {int, float}:
        pixels = np.array(rows, dtype=np.float64).reshape(PIXELS)
        if pixels.min() >= 0 and pixels.max() <= 1:
            return pixels.astype(np.float32)
    raise InvalidInput(*_first_wrong(rows, pointer, is_flat=is_flat, largest=1 if float in types else 255))


def _first_wrong(rows: list[list[Any]], pointer: str, *, is_flat: bool, largest: int) -> tuple[str, FieldError]:
    """The first pixel that is wrong, and why."""
    for place, pixel in _placed(rows, is_flat=is_flat):
        if type(pixel) not in {int, float}:
            return _complaint(f"{pointer}{place}", f"{RANGES}; this is {type_name(pixel)}.")
        if not 0 <= pixel <= largest:
            return _complaint(f"{pointer}{place}", f"{RANGES}; this is {pixel!r}.")
    raise AssertionError("called with pixels of which none is wrong")  # pragma: no cover -- what it says


def _complaint(pointer: str, message: str) -> tuple[str, FieldError]:
    return message, FieldError(pointer, message)


def _placed(rows: list[list[Any]], *, is_flat: bool) -> Iterator[tuple[str, Any]]:
    for y, row in enumerate(rows):
        for x, pixel in enumerate(row):
            yield (f"/{x}" if is_flat else f"/{y}/{x}"), pixel


def type_name(value: Any) -> str:
    """What a JSON value is, in words."""
    return TYPE_NAMES.get(type(value), "a number")
