"""Reads and writes NumPy's npz files. The reader checks every claim of a file before it allocates memory for it."""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from naivenet.errors import CheckpointError
from naivenet.storage.names import check_names
from naivenet.storage.npy_header import NpyHeader, read_npy_header

Array = NDArray[Any]
Shape = tuple[int, ...]

_MAX_NPY_HEADER_BYTES = 10_000
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_NUMPYS_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def write_npz(arrays: Mapping[str, Array]) -> bytes:
    """Return the file that `numpy.load` reads. The same arrays give the same bytes, since it contains no time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            npy.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _ZIP_EPOCH), member.getvalue())
    return file.getvalue()


def read_weights(data: bytes, shapes: Mapping[str, Shape]) -> dict[str, Array]:
    """Read float32 arrays with these names and shapes. No other member is decompressed.

    Raises:
        CheckpointError: The file is damaged, or its names, shapes or dtypes are not the expected ones.
    """

    def check(name: str, shape: Shape, dtype: np.dtype[Any]) -> None:
        if dtype != np.dtype("<f4"):
            raise CheckpointError(f"{name} is of dtype {dtype}, but only float32 is read")
        if shape != shapes[name]:
            raise CheckpointError(f"{name} has shape {shape}, but the network needs {shapes[name]}")

    with damaged_npz(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        check_names(archive.namelist(), [f"{name}.npy" for name in shapes])
        return {name: np.array(read_array(archive, name, check), order="C") for name in shapes}


@contextmanager
def damaged_npz() -> Iterator[None]:
    """Turn the errors of a damaged npz file into `CheckpointError`."""
    try:
        yield
    except CheckpointError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
        raise CheckpointError(f"the npz file is damaged, cut off or of an unknown kind: {error}") from None


def read_form(archive: zipfile.ZipFile, name: str) -> tuple[Shape, np.dtype[Any]]:
    """Return shape and dtype of an array by its header, without its data.

    Raises:
        KeyError: There is no such array.
        ValueError: The array is damaged.
    """
    member = archive.getinfo(f"{name}.npy")
    with _opened(archive, member, name) as file:
        start, (shape, _, dtype) = _read_header(file, name)
    _check_size(member, name, (shape, dtype), header_bytes=start.tell())
    return shape, dtype


def read_array(archive: zipfile.ZipFile, name: str, check: Callable[[str, Shape, np.dtype[Any]], None]) -> Array:
    """Read one array: first its header, and then no more bytes than the header claims. No pickle is read.

    Args:
        archive: An npz file.
        name: The array's name.
        check: Called with name, shape and dtype before the data is decompressed; it raises if they are not wanted.

    Raises:
        KeyError: There is no such array.
        ValueError: The array is damaged.
    """
    member = archive.getinfo(f"{name}.npy")
    with _opened(archive, member, name) as file:
        start, (shape, order, dtype) = _read_header(file, name)
        check(name, shape, dtype)
        size = _check_size(member, name, (shape, dtype), header_bytes=start.tell())
        data = start.read() + file.read(size)
    if len(data) < size:
        raise ValueError(f"{name} is damaged or cut off: it has {len(data)} of {size} bytes")
    return np.frombuffer(data, dtype).reshape(shape, order=order)


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> IO[bytes]:
    if member.compress_type not in _NUMPYS_COMPRESSIONS:  # Python decompresses the other kinds in whole blocks
        raise ValueError(f"{name} has a compression that NumPy does not use")
    return archive.open(member)


def _read_header(file: IO[bytes], name: str) -> tuple[io.BytesIO, NpyHeader]:
    """Return the start of an array's file, at the end of its header, and the header."""
    start = io.BytesIO(file.read(_MAX_NPY_HEADER_BYTES))
    try:
        return start, read_npy_header(start)
    except ValueError as error:
        raise ValueError(f"{name} is not an array that NumPy wrote without pickle: {error}") from None


def _check_size(member: zipfile.ZipInfo, name: str, form: tuple[Shape, np.dtype[Any]], *, header_bytes: int) -> int:
    """Return the bytes of an array's data, after comparing them with the size that the archive claims."""
    shape, dtype = form
    if dtype.hasobject:
        raise ValueError(f"{name} holds pickled Python objects, which are not read")
    size = math.prod(shape) * dtype.itemsize
    if member.file_size > header_bytes + size:
        raise ValueError(f"{name} has {member.file_size} bytes, but {shape} {dtype} takes {size}")
    return size
