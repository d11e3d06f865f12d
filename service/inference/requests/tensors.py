"""Reads tensors of the serving protocols; they are the network's input as it is, without scaling."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import PIXELS, SIDE
from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits

#: The network's input and output, as the protocols name them.
INPUT_NAME, OUTPUT_NAME = "pixels", "scores"

SAMPLE_SHAPES = ((PIXELS,), (SIDE, SIDE))
SHAPES = f"(n, {PIXELS}) or (n, {SIDE}, {SIDE})"
#: Numbers converted at a time; other threads run in between.
CHUNK = 8192

FLOAT32 = np.dtype("<f4")

Rows = NDArray[np.float32]


def read_nested(value: Any, limits: InputLimits) -> Rows:
    """Read a batch from nested lists of JSON.

    Shapes:
        value: (n, 784) or (n, 28, 28) -> (n, 784).

    Raises:
        InvalidInput: It has another shape, or values that are not finite numbers.
        TooLarge: It has more samples than one request may have.
    """
    if type(value) is not list or not value:
        raise InvalidInput(f"{INPUT_NAME!r} must be a list of shape {SHAPES} with at least one sample.")
    _check_count(len(value), limits)
    parts = list(chain.from_iterable(_rows(sample, number) for number, sample in enumerate(value)))
    return _from_numbers(parts, count=len(value) * PIXELS)


def read_flat(value: Any, shape: Sequence[int], limits: InputLimits) -> Rows:
    """Read a batch from numbers in row-major order, flat or nested in lists, and its shape.

    Shapes:
        value: as *shape*, (n, 784) or (n, 28, 28) -> (n, 784).

    Raises:
        InvalidInput: The shape is wrong, or does not fit the numbers; or these are not finite.
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


def read_binary(data: bytes | memoryview, shape: Sequence[int], limits: InputLimits) -> Rows:
    """Read a batch from little-endian float32 in row-major order, and its shape.

    Shapes:
        data: as *shape*, (n, 784) or (n, 28, 28) -> (n, 784).

    Raises:
        InvalidInput: The shape is wrong, or does not fit the bytes; or not all numbers are finite.
        TooLarge: It has more samples than one request may have.
    """
    check_shape(shape, limits)
    expected = math.prod(shape) * FLOAT32.itemsize
    if len(data) != expected:
        raise InvalidInput(
            f"{INPUT_NAME!r} of shape {list(shape)} needs {expected:,} bytes; the request has {len(data):,}."
        )
    return _finite(np.frombuffer(data, FLOAT32).astype(np.float32, copy=False))


def check_shape(shape: Sequence[int], limits: InputLimits) -> None:
    """Check that a shape is that of a batch of images.

    Raises:
        InvalidInput: The shape is not (n, 784) or (n, 28, 28).
        TooLarge: It has more samples than one request may have.
    """
    if not shape or shape[0] < 1 or tuple(shape[1:]) not in SAMPLE_SHAPES:
        raise InvalidInput(f"{INPUT_NAME!r} has the shape {list(shape)}; send {SHAPES}.")
    _check_count(shape[0], limits)


def _check_count(count: int, limits: InputLimits) -> None:
    if count > limits.max_instances:
        raise TooLarge(f"The batch has {count:,} samples; the limit is {limits.max_instances:,} in one request.")


def _rows(sample: Any, number: int) -> list[list[Any]]:
    """Return one sample as one list of 784, or 28 lists of 28."""
    if type(sample) is list and len(sample) == PIXELS:
        return [sample]
    if type(sample) is list and len(sample) == SIDE and all(type(row) is list and len(row) == SIDE for row in sample):
        return sample
    raise InvalidInput(f"Sample {number} of {INPUT_NAME!r} has a wrong shape; send {SHAPES}.")


def _from_numbers(parts: list[list[Any]], *, count: int) -> Rows:
    numbers, filled = np.empty(count, np.float32), 0
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is refused below
        for part in _chunks(parts):
            if not set(map(type, part)) <= {int, float}:
                raise InvalidInput(f"{INPUT_NAME!r} has values that are not numbers, or not in the shape {SHAPES}.")
            numbers[filled : filled + len(part)] = part
            filled += len(part)
    return _finite(numbers)


def _chunks(parts: list[list[Any]]) -> Iterator[list[Any]]:
    for part in parts:
        for start in range(0, len(part), CHUNK):
            yield part[start : start + CHUNK] if len(part) > CHUNK else part


def _finite(numbers: Rows) -> Rows:
    if not np.isfinite(numbers).all():
        raise InvalidInput(f"{INPUT_NAME!r} has numbers that are not finite as float32.")
    return numbers.reshape(-1, PIXELS)
