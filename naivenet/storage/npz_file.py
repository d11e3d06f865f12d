"""Reads and writes arrays as npz, trusting nothing that a file says of itself."""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from naivenet.errors import CheckpointError
from naivenet.storage.names import check_names

Array = NDArray[Any]

_MAX_NPY_HEADER_BYTES = 10_000
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_AS_NUMPY = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def write_npz(arrays: Mapping[str, Array]) -> bytes:
    """Write arrays as `numpy.load` reads them; the same ones give the same bytes, at any time of day."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            npy.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _ZIP_EPOCH), member.getvalue())
    return file.getvalue()


def read_npz(data: bytes, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Read float32 arrays of known names and shapes; nothing else is decompressed, and no pickle is read.

    Raises:
        CheckpointError: The file is damaged, lacks an array, has one more, or one has another shape or dtype.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_names(archive.namelist(), [f"{name}.npy" for name in shapes])
            return {name: _read_member(archive, name, shape) for name, shape in shapes.items()}
    except CheckpointError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise CheckpointError(f"the npz file is damaged, cut off or of an odd kind: {error}") from None


def _read_member(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> Array:
    """Read one array, looking at its header before its data, and decompressing no more than the wanted shape takes."""
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type not in _AS_NUMPY:  # of others even a little is unpacked by the block
        raise CheckpointError(f"{name} is compressed otherwise than NumPy does it")
    array_bytes = 4 * math.prod(shape)
    most = array_bytes + _MAX_NPY_HEADER_BYTES
    with archive.open(member) as opened:
        file = io.BytesIO(opened.read(most))
    _check_npy_header(name, file, shape)
    if member.file_size > most:
        raise CheckpointError(f"{name} has {member.file_size} bytes, but {shape} float32 takes {array_bytes}")
    try:
        return np.ascontiguousarray(npy.read_array(file, allow_pickle=False))
    except ValueError as error:
        raise CheckpointError(f"{name} is damaged or cut off: {error}") from None


def _check_npy_header(name: str, file: io.BytesIO, shape: tuple[int, ...]) -> None:
    try:
        reads = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        given_shape, _, dtype = reads[npy.read_magic(file)](file)
    except (ValueError, KeyError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise CheckpointError(f"{name} is no array that NumPy wrote without pickle: {error}") from None
    if dtype != np.dtype("<f4"):
        raise CheckpointError(f"{name} is of dtype {dtype}, but only float32 is read")
    if given_shape != shape:
        raise CheckpointError(f"{name} has shape {given_shape}, but the network wants {shape}")
    file.seek(0)
