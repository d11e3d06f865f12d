"""Reads the header of NumPy's npy format, before any of the array's data."""

from typing import BinaryIO, Literal

import numpy as np
from numpy.lib import format as npy

_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


NpyHeader = tuple[tuple[int, ...], Literal["C", "F"], np.dtype[np.generic]]
"""Shape, memory order and dtype of an array."""


def read_npy_header(file: BinaryIO) -> NpyHeader:
    """Return shape, memory order and dtype. The file is then at the data.

    Raises:
        ValueError: It is not a header of version 1 or 2, or a length in it is negative.
    """
    try:
        shape, is_fortran, dtype = _READERS[npy.read_magic(file)](file)
    except Exception as error:  # noqa: BLE001 -- NumPy parses the header as a Python literal, and raises nearly anything
        raise ValueError(f"not a header of the npy format: {error}") from None
    if any(length < 0 for length in shape):
        raise ValueError(f"a length in the shape {shape} is negative")
    return shape, "F" if is_fortran else "C", dtype
