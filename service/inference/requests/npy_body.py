"""Reads an ``.npy`` file as a request body; its header is checked against its size before memory is allocated."""

import math
from io import BytesIO
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.report import PIXELS, SIDE
from service.inference.pictures.scaling import to_unit

MAX_HEADER_BYTES = 1024
HEADER_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
SHAPES = "(28, 28), (784,), (n, 28, 28) or (n, 784)"


def read_npy(body: bytes, limits: InputLimits) -> tuple[NDArray[np.float32], bool]:
    """Read an ``.npy`` file of digits, uint8 from 0 to 255 or floats from 0 to 1, without unpickling.

    Shapes:
        body: (28, 28), (784,), (n, 28, 28) or (n, 784) -> (n, 784), float32, contiguous.

    Returns:
        The rows, and whether the file held a batch.

    Raises:
        InvalidInput: It is no such file, or a number is out of range; the error names the first.
        TooLarge: It has more digits than *limits.max_instances*.
    """
    shape, is_fortran, dtype, start = _header(body)
    many = shape not in {(SIDE, SIDE), (PIXELS,)}
    if many and shape[1:] not in {(SIDE, SIDE), (PIXELS,)}:
        raise InvalidInput(f"The array has the shape {shape}; send {SHAPES}.")
    if dtype != np.uint8 and dtype.kind != "f":
        raise InvalidInput(f"The array has the dtype {dtype}; send uint8 from 0 to 255, or floats from 0 to 1.")
    if many and not 1 <= shape[0] <= limits.max_instances:
        _refuse_count(shape[0], limits)
    expected = math.prod(shape) * dtype.itemsize
    if len(body) - start != expected:
        raise InvalidInput(f"By its header the array has {expected:,} bytes, but {len(body) - start:,} follow it.")
    array = np.frombuffer(body, dtype, offset=start).reshape(shape, order="F" if is_fortran else "C")
    return _rows(array).reshape(-1, PIXELS), many


def _header(body: bytes) -> tuple[tuple[int, ...], bool, np.dtype[np.generic], int]:
    """Return the shape, whether the order is Fortran's, the dtype, and the offset of the numbers."""
    stream = BytesIO(body[: MAX_HEADER_BYTES + 16])
    try:
        version = npy.read_magic(stream)
        reader = HEADER_READERS[version]
        shape, is_fortran, dtype = reader(stream, max_header_size=MAX_HEADER_BYTES)
    except Exception:  # noqa: BLE001 -- NumPy parses the header as a Python literal, and raises nearly anything
        raise InvalidInput("The body is not an .npy file of version 1 or 2 with plain numbers.") from None
    if dtype.hasobject or any(size < 0 for size in shape):
        raise InvalidInput("The array has objects or a negative size; send plain numbers.")
    return shape, is_fortran, dtype, stream.tell()


def _refuse_count(count: int, limits: InputLimits) -> None:
    if count == 0:
        raise InvalidInput("The array is empty; send at least one digit.")
    raise TooLarge(f"The array has {count:,} digits; the limit is {limits.max_instances:,} in one request.")


def _rows(array: NDArray[Any]) -> NDArray[np.float32]:
    if array.dtype == np.uint8:
        return to_unit(np.ascontiguousarray(array, np.uint8))
    if array.min() >= 0 and array.max() <= 1:  # both are false for NaN
        return np.ascontiguousarray(array, np.float32)
    wrong = np.argwhere(~((array >= 0) & (array <= 1)))[0]
    place = "".join(f"/{index}" for index in wrong)
    message = f"Floats must be from 0 to 1; this is {array[tuple(wrong)]}."
    raise InvalidInput.at(place, message)
