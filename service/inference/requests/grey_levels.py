"""Scales arrays of grey levels, of whatever type and range clients have them in, to the 0 to 1 of the network."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidInput
from service.inference.pictures.scaling import to_unit

RANGES = "Pixels must be whole numbers from 0 to 255, or numbers from 0 to 1"

#: The kinds of dtype that hold grey levels: booleans, unsigned and signed integers, and floats.
KINDS = "buif"
INTEGERS = "ui"

#: The largest grey level of 8 and of 16 bits.
LARGEST, LARGEST_16 = 255, 65_535

#: Floats are read as 0 to 255 only if one is at least this: below it, such an image would have little contrast.
LEAST_LARGEST = 64

#: Values of 16 bits are read as 0 to 65,535 only if one is at least this: below it, they may have 12 bits.
LEAST_LARGEST_16 = 32_768

#: How far rounding may carry a float beyond 0 or 1.
ROUNDING = 1e-5


def to_intensities(array: NDArray[Any], pointer: str | None = "") -> NDArray[np.float32]:
    """Scale grey levels to 0 to 1, where their range is plain; refuse them where it is not.

    From 0 to 1 they stay as they are, also whole numbers and booleans. Up to 255 they are divided by 255 if they
    are integers or one is at least 64; 16-bit integers are divided by 65,535 if one is at least 32,768.

    Args:
        array: Of one of the *KINDS* of dtype, and not empty.
        pointer: Its place in the body; ``None`` if errors have no pointer, and say the place in their text.

    Shapes:
        array: any -> the same, contiguous.

    Raises:
        InvalidInput: Numbers are out of range, or it is not plain in which range they are; the error names the first.
    """
    highest = np.maximum.reduce(array, axis=None)  # as array.max(), without its overhead
    if array.dtype == np.uint8 and highest > 1:
        return to_unit(array)
    lowest = np.minimum.reduce(array, axis=None)
    if lowest >= 0 and highest <= 1:  # both are false for NaN
        return np.ascontiguousarray(array, np.float32)
    if lowest >= -ROUNDING and highest <= 1 + ROUNDING:
        return np.ascontiguousarray(np.clip(array, 0, 1), np.float32)
    largest = _largest(array, float(lowest), float(highest), pointer)
    unit: NDArray[np.float32] = array.astype(np.float32, order="C")
    unit /= np.float32(largest)
    return unit


def _largest(array: NDArray[Any], lowest: float, highest: float, pointer: str | None) -> int:
    """Return the largest grey level of the range in which the numbers are."""
    if lowest >= 0 and highest <= LARGEST and (highest >= LEAST_LARGEST or array.dtype.kind in INTEGERS):
        return LARGEST
    if array.dtype == np.uint16 and highest >= LEAST_LARGEST_16:
        return LARGEST_16
    hint, code = _advice(lowest, highest)
    index = tuple(np.argwhere(_is_wrong(array, lowest, highest))[0])
    given = f"{array[index]:g}"
    place = f" at {[int(each) for each in index]}" if pointer is None else ""
    where = "".join(f"/{each}" for each in index)
    raise InvalidInput.at(f"{pointer or ''}{where}", f"{RANGES}{hint}; this is {given}{place}.", code, given=given)


def _is_wrong(array: NDArray[Any], lowest: float, highest: float) -> NDArray[np.bool_]:
    """Return which numbers are out of the range that is meant."""
    most = LARGEST if highest >= LEAST_LARGEST or array.dtype.kind in INTEGERS else 1
    is_finite = _are_finite(lowest, highest)
    wrong: NDArray[np.bool_] = (array < 0) | (array > most) if is_finite else ~np.isfinite(array)
    return wrong


def _are_finite(lowest: float, highest: float) -> bool:
    """Return whether all numbers are finite; NaN is the lowest and the highest of its array."""
    return math.isfinite(lowest) and math.isfinite(highest)


def _advice(lowest: float, highest: float) -> tuple[str, str]:
    """Return what to do about the numbers, and the stable code of the error."""
    if not _are_finite(lowest, highest):
        return " and finite", "pixel_not_finite"
    if -1 <= lowest < 0 and highest <= 1:
        return " (these look scaled to -1 to 1: send (x + 1) / 2)", "pixel_minus_one_to_one"
    if lowest < 0 and highest < LEAST_LARGEST:
        return " (these look standardized: send them as they were before)", "pixel_standardized"
    return "", "pixel_out_of_range"
