"""Reads an ``.npy`` file as a request body; its header is checked against its size before memory is allocated."""

import math
from io import BytesIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import PIXELS, SIDE
from naivenet.storage.npy_header import read_npy_header
from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.scaling import to_unit

NPY_SIGNATURE = b"\x93NUMPY"
MAX_HEADER_BYTES = 1024
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
    shape, order, dtype, start = _header(body)
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
    array = np.frombuffer(body, dtype, offset=start).reshape(shape, order=order)
    return _rows(array).reshape(-1, PIXELS), many


def _header(body: bytes) -> tuple[tuple[int, ...], Literal["C", "F"], np.dtype[np.generic], int]:
    """Return shape, memory order, dtype, and the offset of the numbers."""
    stream = BytesIO(body[:MAX_HEADER_BYTES])
    try:
        shape, order, dtype = read_npy_header(stream)
    except ValueError:
        raise InvalidInput("The body is not an .npy file of version 1 or 2 with plain numbers.") from None
    if dtype.hasobject:
        raise InvalidInput("The array has objects; send plain numbers.")
    return shape, order, dtype, stream.tell()


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
