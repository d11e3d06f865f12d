"""Reads tensors of the serving protocols, of any type and range of numbers, as the network's input from 0 to 1."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import PIXELS, SIDE
from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.requests.grey_levels import to_intensities
from service.inference.requests.shapes import SHAPES, count_of, without_leading_axis, without_trailing_axis

#: The network's input and output, as the protocols name them.
INPUT_NAME, OUTPUT_NAME = "pixels", "scores"

#: Numbers converted at a time; other threads run in between.
CHUNK = 8192

FLOAT32 = np.dtype("<f4")

Rows = NDArray[np.float32]
Dtype = np.dtype[Any]


def read_nested(value: Any, limits: InputLimits) -> Rows:
    """Read a batch, or a single image, from nested lists of JSON.

    Shapes:
        value: (n, 784) or (n, 28, 28), each also with one more axis of 1; (784,) or (28, 28) -> (n, 784).

    Raises:
        InvalidInput: It has another shape, or values that are not numbers from 0 to 255 or from 0 to 1.
        TooLarge: It has more samples than one request may have.
    """
    if type(value) is not list or not value:
        raise InvalidInput(f"{INPUT_NAME!r} must be a list of shape {SHAPES} with at least one sample.")
    samples = [value] if _is_single(value) else value
    _check_count(len(samples), limits)
    parts = list(chain.from_iterable(_rows(sample, number) for number, sample in enumerate(samples)))
    return _from_numbers(parts, count=len(samples) * PIXELS)


def read_flat(value: Any, shape: Sequence[int], limits: InputLimits) -> Rows:
    """Read a batch from numbers in row-major order, flat or nested in lists, and its shape.

    Shapes:
        value: as *shape*, as `read_nested` takes it -> (n, 784).

    Raises:
        InvalidInput: The shape is wrong, or does not fit the numbers; or these are out of range.
        TooLarge: It has more samples than one request may have.
    """
    check_shape(shape, limits)
    parts, expected = [value], math.prod(shape)
    for _ in shape:
        if all(type(part) is list and part and type(part[0]) is list for part in parts):
            parts = list(chain.from_iterable(parts))
    count = sum(len(part) for part in parts if type(part) is list)
    if count != expected or any(type(part) is not list for part in parts):
        raise InvalidInput(f"{INPUT_NAME!r} of shape {list(shape)} needs {expected:,} numbers; its data has {count:,}.")
    return _from_numbers(parts, count=count)


def read_binary(data: bytes | memoryview, shape: Sequence[int], limits: InputLimits, *, dtype: Dtype = FLOAT32) -> Rows:
    """Read a batch from little-endian numbers in row-major order, and its shape.

    Shapes:
        data: as *shape*, as `read_nested` takes it -> (n, 784).

    Raises:
        InvalidInput: The shape is wrong, or does not fit the bytes; or the numbers are out of range.
        TooLarge: It has more samples than one request may have.
    """
    check_shape(shape, limits)
    expected = math.prod(shape) * dtype.itemsize
    if len(data) != expected:
        raise InvalidInput(
            f"{INPUT_NAME!r} of shape {list(shape)} needs {expected:,} bytes; the request has {len(data):,}."
        )
    return to_intensities(np.frombuffer(data, dtype).reshape(-1, PIXELS), None)


def check_shape(shape: Sequence[int], limits: InputLimits) -> None:
    """Check that a shape is that of images.

    Raises:
        InvalidInput: It is no shape that `read_nested` takes.
        TooLarge: It has more samples than one request may have.
    """
    if not (count := count_of(shape)):
        raise InvalidInput(f"{INPUT_NAME!r} has the shape {list(shape)}; send {SHAPES}.")
    _check_count(count, limits)


def _check_count(count: int, limits: InputLimits) -> None:
    if count > limits.max_instances:
        raise TooLarge(f"The batch has {count:,} samples; the limit is {limits.max_instances:,} in one request.")


def _is_single(value: list[Any]) -> bool:
    """Return whether the lists are one image, and no batch: 784 numbers, or 28 lists of 28 numbers."""
    if len(value) == PIXELS:
        return not _is_longer(value[0])
    return len(value) == SIDE and type(value[0]) is list and len(value[0]) == SIDE and not _is_longer(value[0][0])


def _is_longer(value: Any) -> bool:
    return type(value) is list and len(value) != 1


def _rows(sample: Any, number: int) -> list[list[Any]]:
    """Return one sample as one list of 784, or 28 lists of 28."""
    image = without_trailing_axis(without_leading_axis(sample))
    if type(image) is list and len(image) == PIXELS:
        return [image]
    if type(image) is list and len(image) == SIDE and all(type(row) is list and len(row) == SIDE for row in image):
        return image
    raise InvalidInput(f"Sample {number} of {INPUT_NAME!r} has a wrong shape; send {SHAPES}.")


def _from_numbers(parts: list[list[Any]], *, count: int) -> Rows:
    numbers, filled, types = np.empty(count, np.float32), 0, set[type]()
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is refused below
        for part in _chunks(parts):
            types.update(map(type, part))
            if not (types <= {int, float} or types == {bool}):
                raise InvalidInput(f"{INPUT_NAME!r} has values that are not numbers, or not in the shape {SHAPES}.")
            numbers[filled : filled + len(part)] = part
            filled += len(part)
    if float not in types:
        with np.errstate(invalid="ignore"):  # a number too large for int64 becomes negative, and is refused below
            return to_intensities(numbers.astype(np.int64).reshape(-1, PIXELS), None)
    return to_intensities(numbers.reshape(-1, PIXELS), None)


def _chunks(parts: list[list[Any]]) -> Iterator[list[Any]]:
    for part in parts:
        for start in range(0, len(part), CHUNK):
            yield part[start : start + CHUNK] if len(part) > CHUNK else part
