"""Reads the arrays of safetensors and npz files one at a time, of any float type, as finite float32."""

import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from naivenet.errors import CheckpointError
from naivenet.storage.npz_file import damaged_npz, read_array, read_form
from naivenet.storage.safetensors_file import read_start

Array = NDArray[Any]
Shape = tuple[int, ...]

#: The bytes of a safetensors file that are read at a time.
PIECE_BYTES = 1_000_000

#: The float types of safetensors by their names, little-endian. NumPy has no BF16: it is the upper half of a float32.
_FLOATS: Mapping[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}
_LARGEST_NUMBER = 2**53


class ArrayFile(Protocol):
    """An open file of arrays.

    Attributes:
        shapes: The shape of each array.
    """

    shapes: Mapping[str, Shape]

    def read(self, name: str) -> Array:
        """Return an array, of any float type."""

    def pieces(self, name: str) -> Iterator[Array]:
        """Yield an array's numbers in row-major order, in one piece or in several."""


class SafetensorsArrays:
    """The arrays of a safetensors file.

    Args:
        file: The file; it must allow seeking.

    Raises:
        CheckpointError: The file is damaged, or an array is of no float type.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.header = file, read_start(file)
        self._start = file.tell()
        self._entries = {name: entry for name, entry in self.header.items() if name != "__metadata__"}
        self.shapes: Mapping[str, Shape] = {name: _shape(name, entry) for name, entry in self._entries.items()}
        self._places = _packed(self._entries, self.shapes, data_bytes=file.seek(0, 2) - self._start)

    def read(self, name: str) -> Array:
        """Return an array."""
        dtype = _FLOATS[self._entries[name]["dtype"]]
        data = np.frombuffer(b"".join(self._bytes(name)), dtype)
        return (data.astype("<u4") << 16).view("<f4") if dtype.kind == "u" else data

    def pieces(self, name: str) -> Iterator[Array]:
        """Yield an array in pieces, if it is float32; else whole."""
        if self._entries[name]["dtype"] != "F32":
            yield self.read(name)
            return
        for piece in self._bytes(name):
            yield np.frombuffer(piece, "<f4")

    def _bytes(self, name: str) -> Iterator[bytes]:
        first, end = self._places[name]
        self._file.seek(self._start + first)
        for at in range(first, end, PIECE_BYTES):
            yield self._file.read(min(PIECE_BYTES, end - at))


class NpzArrays:
    """The arrays of an npz file.

    Args:
        archive: The file.

    Raises:
        CheckpointError: An array is of no float type.
        ValueError: The file is damaged.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.shapes: Mapping[str, Shape] = dict(map(self._form, archive.namelist()))

    def read(self, name: str) -> Array:
        """Return an array."""
        return read_array(self._archive, name, lambda *_: None)

    def pieces(self, name: str) -> Iterator[Array]:
        """Yield an array, whole."""
        yield self.read(name)

    def _form(self, member: str) -> tuple[str, Shape]:
        name = member.removesuffix(".npy")
        if name == member:
            raise CheckpointError(f"the zip archive is no npz file: it contains {member[:80]!r}{_zip_hint(member)}")
        shape, dtype = read_form(self._archive, name)
        if dtype.kind != "f":
            raise CheckpointError(f"{name} is of dtype {dtype}, but only floats are read")
        return name, shape


@contextmanager
def opened_npz(file: IO[bytes]) -> Iterator[NpzArrays]:
    """Open an npz file.

    Raises:
        CheckpointError: The file is damaged, or an array is of no float type.
    """
    file.seek(0)
    with damaged_npz(), zipfile.ZipFile(file) as archive:
        yield NpzArrays(archive)


def as_float32(name: str, numbers: Array, *, first: int = 0) -> NDArray[np.float32]:
    """Return numbers of an array as little-endian float32.

    Args:
        name: The name of the array.
        numbers: Of any float type.
        first: The index of the first of them in the flat array.

    Raises:
        CheckpointError: A number is not finite; the message names it and its place.
    """
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is refused
        cast = numbers.astype("<f4", copy=False)
    if not np.isfinite(cast).all():
        index = int(np.flatnonzero(~np.isfinite(cast.ravel()))[0])
        value = numbers.ravel()[index]
        raise CheckpointError(
            f"{name} has {value:g} as its number {first + index}; weights must be finite float32 numbers"
        )
    return cast


def _shape(name: str, entry: Mapping[str, Any]) -> Shape:
    shape, dtype = entry.get("shape"), entry.get("dtype")
    if dtype not in _FLOATS:
        raise CheckpointError(f"{name} is of dtype {dtype}, but only {', '.join(_FLOATS)} are read")
    if not isinstance(shape, list) or not all(type(size) is int and 0 <= size < _LARGEST_NUMBER for size in shape):
        raise CheckpointError(f"{name} has no shape that is a list of sizes")
    return tuple(shape)


def _packed(
    entries: Mapping[str, Any], shapes: Mapping[str, Shape], *, data_bytes: int
) -> Mapping[str, tuple[int, int]]:
    """Return where arrays begin and end that follow one another without gaps or overlaps, up to the file's end."""
    offsets = {name: entry.get("data_offsets") for name, entry in entries.items()}
    starts = {str(place[0]): name for name, place in offsets.items() if isinstance(place, list) and place}
    at, places = 0, dict[str, tuple[int, int]]()
    for _ in entries:
        name = starts.get(str(at), "")
        end = at + math.prod(shapes[name]) * _FLOATS[entries[name]["dtype"]].itemsize if name else -1
        if not name or offsets[name] != [at, end]:
            raise CheckpointError(f"the safetensors file is damaged or cut off: no array starts at byte {at}")
        places[name], at = (at, end), end
    if at != data_bytes:
        raise CheckpointError(f"the safetensors file is damaged or cut off: it has {data_bytes} bytes of {at}")
    return places


def _zip_hint(member: str) -> str:
    if member.endswith("data.pkl"):
        return ", so torch.save wrote it, which pickles; write the state_dict by safetensors.torch.save_file"
    return ", so it is a SavedModel; upload safetensors, npz, .keras or ONNX" if member.endswith(".pb") else ""
