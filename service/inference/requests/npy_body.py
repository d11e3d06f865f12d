"""Reads an ``.npy`` file as a request body; its header is checked against its size before memory is allocated."""

import math
from io import BytesIO
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import PIXELS
from naivenet.storage.npy_header import read_npy_header
from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.requests.grey_levels import KINDS, to_intensities
from service.inference.requests.shapes import SHAPES, count_of, is_batch

NPY_SIGNATURE = b"\x93NUMPY"
MAX_HEADER_BYTES = 1024


def read_npy(body: bytes, limits: InputLimits) -> tuple[NDArray[np.float32], bool]:
    """Read an ``.npy`` file of digits, numbers from 0 to 255 or from 0 to 1 of any dtype, without unpickling.

    Shapes:
        body: (28, 28), (784,), (n, 28, 28) or (n, 784), each also with one more axis of 1 -> (n, 784), float32,
            contiguous.

    Returns:
        The rows, and whether the file held a batch.

    Raises:
        InvalidInput: It is no such file, or a number is out of range; the error names the first.
        TooLarge: It has more digits than *limits.max_instances*.
    """
    shape, order, dtype, start = _header(body)
    if (count := count_of(shape)) is None:
        raise InvalidInput(f"The array has the shape {shape}; send {SHAPES}.")
    if dtype.kind not in KINDS:
        raise InvalidInput(f"The array has the dtype {dtype}; send numbers from 0 to 255, or from 0 to 1.")
    if not 1 <= count <= limits.max_instances:
        _refuse_count(count, limits)
    expected = math.prod(shape) * dtype.itemsize
    if len(body) - start != expected:
        raise InvalidInput(f"By its header the array has {expected:,} bytes, but {len(body) - start:,} follow it.")
    array = np.frombuffer(body, dtype, offset=start).reshape(shape, order=order)
    return to_intensities(array).reshape(-1, PIXELS), is_batch(shape)


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
