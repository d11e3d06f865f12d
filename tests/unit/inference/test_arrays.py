"""Request bodies in NumPy's file format, valid and invalid."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy
from numpy.typing import NDArray

from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.inference.requests.body import read_body

Bytes = NDArray[np.uint8]


def saved(array: Any, **options: Any) -> bytes:
    """The array as an ``.npy`` file."""
    stream = BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def lying(header: str, numbers: bytes = b"") -> bytes:
    """An ``.npy`` file with any header."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + numbers


@pytest.mark.parametrize("shape", [
        (28, 28), (28, 28, 1), (784,), (784, 1), (1, 28, 28), (5, 28, 28), (5, 784),
        (5, 28, 28, 1), (5, 1, 28, 28), (5, 1, 784), (5, 784, 1),
    ])  # fmt: skip
@pytest.mark.parametrize("dtype", ["u1", ">u2", "<i8", "i4", "<f4", ">f4", "<f8", "<f2"])
def test_every_shape_and_type_gives_its_rows(limits: InputLimits, shape: tuple[int, ...], dtype: str) -> None:
    """Integers from 0 to 255 and floats from 0 to 1, of any width and byte order, are read, also with an axis of 1."""
    numbers = np.random.default_rng(0).integers(0, 256, shape)
    array = (numbers / 255).astype(dtype) if "f" in dtype else numbers.astype(dtype)
    batch = read_body(saved(array), "application/x-npy", limits)
    assert batch.many == (shape[0] in {1, 5})
    assert batch.rows.dtype == np.float32
    assert batch.rows.flags.c_contiguous
    assert np.allclose(batch.rows, numbers.reshape(-1, 784) / 255, atol=1e-3 if dtype == "<f2" else 1e-6)


def test_columns_first_is_read_right(digit: Bytes, limits: InputLimits) -> None:
    """An array in Fortran order (columns first) gives the same row as in C order."""
    batch = read_body(saved(np.asfortranarray(digit)), "application/x-npy", limits)
    assert np.array_equal(batch.rows[0], digit.ravel() / np.float32(255))


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.5, 1.5, 256.0])
def test_a_number_out_of_range_is_named_with_its_place(limits: InputLimits, value: float) -> None:
    """A number outside 0 to 1, or NaN, is refused with its place."""
    array = np.zeros((2, 28, 28), np.float32)
    array[1, 3, 14] = value
    with pytest.raises(InvalidInput) as caught:
        read_body(saved(array), "application/x-npy", limits)
    assert caught.value.errors[0].pointer == "/1/3/14"


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((27, 28), np.uint8),
        np.zeros((2, 28, 27), np.uint8),
        np.zeros((), np.uint8),
        np.zeros((0, 784), np.uint8),
        np.zeros((1, 1, 1, 28, 28), np.uint8),
        np.zeros((28, 28, 3), np.uint8),
        np.zeros((28, 28), complex),
        np.zeros((28, 28), "U3"),
        np.zeros((28, 28), [("a", "u1")]),
        np.zeros((28, 28), "M8[s]"),
    ],
    ids=lambda array: f"{array.shape} {array.dtype}",
)
def test_other_shapes_and_types_are_refused(limits: InputLimits, array: Any) -> None:
    """Arrays of 27x28, of colours, complex numbers, strings or records are refused."""
    with pytest.raises(InvalidInput):
        read_body(saved(array), "application/x-npy", limits)


def test_pickled_objects_are_never_unpickled(limits: InputLimits) -> None:
    """An array of objects, which would run code when unpickled, is refused."""
    with pytest.raises(InvalidInput):
        read_body(saved(np.array([print] * 784), allow_pickle=True), "application/x-npy", limits)


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1000, 784), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (784,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (28, 28), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 784), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 784), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': ('28', 28), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (True, 784), }",
        "{'descr': '|u1', 'fortran_order': 7, 'shape': (28, 28), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (28, 28), }",
        "{'descr': '|V99999999999', 'fortran_order': False, 'shape': (28, 28), }",
        "{'descr': '<f8'}",
        "[" * 900,
        "__import__('os')",
        "(" * 5000,
        "",
    ],
)
def test_a_false_header_is_refused(limits: InputLimits, header: str) -> None:
    """A header that does not fit the length of the body is refused before memory is allocated."""
    with pytest.raises((InvalidInput, TooLarge)):
        read_body(lying(header, b"\x00" * 100), "application/x-npy", limits)


@pytest.mark.parametrize(
    "body", [b"", b"\x93NUMPY", b"\x93NUMPY\x03\x00", b"\x93NUMPY\x09\x09aa", b"PK\x03\x04", b"x" * 99]
)
def test_other_bytes_are_refused(limits: InputLimits, body: bytes) -> None:
    """An empty body, a bare signature, an npz and other bytes are refused."""
    with pytest.raises(InvalidInput):
        read_body(body, "application/x-npy", limits)


def test_bytes_after_the_array_are_refused(digit: Bytes, limits: InputLimits) -> None:
    """Bytes after the end of the array are refused."""
    with pytest.raises(InvalidInput, match="By its header"):
        read_body(saved(digit) + b"x", "application/x-npy", limits)


def test_more_digits_than_the_limit_are_too_large(limits: InputLimits) -> None:
    """An array of 10,000 digits is too large."""
    with pytest.raises(TooLarge, match="10,000"):
        read_body(saved(np.zeros((10_000, 784), np.uint8)), "application/x-npy", limits)


def test_version_2_of_the_format_is_read(digit: Bytes, limits: InputLimits) -> None:
    """Version 2.0 of the format, whose header length takes four bytes, is read."""
    stream = BytesIO()
    npy.write_array(stream, digit, version=(2, 0))
    assert read_body(stream.getvalue(), "application/x-npy", limits).rows.shape == (1, 784)
