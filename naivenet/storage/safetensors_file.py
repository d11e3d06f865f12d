"""Reads and writes safetensors files, with checks that the library does not make."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import IO, Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from naivenet.errors import CheckpointError
from naivenet.storage.file_kinds import kind_of

Array = NDArray[Any]

MAX_HEADER_BYTES = 1_000_000
_LENGTH_BYTES = 8
_ALIGNMENT = 8

#: A larger length of a header is no length, but the bytes of another format.
_LARGEST_PLAUSIBLE = 1 << 32

#: The dtypes that are written, in the order in which the library lays out their arrays.
_DTYPES = ("U64", "I64", "F64", "F32", "U32", "I32")


def write_safetensors(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Return a file with *tensors* and *metadata*. Equal input gives equal bytes, which the library does not promise.

    The library would also copy the arrays twice more (`docs/decisions/0028-two-formats-by-hand.md`).

    Raises:
        CheckpointError: An array has a dtype that no file here has, or the header would exceed the limit for reading.
    """
    arrays = sorted(tensors.items(), key=lambda item: (_DTYPES.index(_dtype(*item)), item[0]))
    start = _start(_entries((name, _dtype(name, array), array.shape) for name, array in arrays), metadata)
    return b"".join((start, *(np.asarray(array, array.dtype.newbyteorder("<"), order="C").data for _, array in arrays)))


def start_of_file(shapes: Mapping[str, tuple[int, ...]], metadata: Mapping[str, str]) -> bytes:
    """Return the start of the file that `write_safetensors` would return for float32 arrays; their bytes follow.

    The arrays have to follow in the order of *shapes*, which is the order of their names.
    """
    return _start(_entries((name, "F32", shape) for name, shape in shapes.items()), metadata)


def _entries(arrays: Iterable[tuple[str, str, tuple[int, ...]]]) -> dict[str, Any]:
    """Return the header's entries of arrays, (name, dtype, shape) each, that follow one another."""
    entries, begin = {}, 0
    for name, dtype, shape in arrays:
        end = begin + int(dtype[1:]) // 8 * math.prod(shape)
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
        begin = end
    return entries


def _dtype(name: str, array: Array) -> str:
    """Return the name of an array's dtype in the format, such as F32."""
    dtype = f"{array.dtype.kind.upper()}{8 * array.dtype.itemsize}"
    if dtype not in _DTYPES:
        raise CheckpointError(f"{name} is of dtype {array.dtype}, but only {', '.join(_DTYPES)} are written")
    return dtype


def read_start(file: IO[bytes]) -> dict[str, Any]:
    """Read the header of an open file, from its first byte on, as `read_header` does."""
    file.seek(0)
    length = file.read(_LENGTH_BYTES)
    wanted = int.from_bytes(length, "little")
    return read_header(length + file.read(wanted if wanted <= MAX_HEADER_BYTES else _LENGTH_BYTES))


def _start(entries: Mapping[str, Any], metadata: Mapping[str, str]) -> bytes:
    header = {"__metadata__": dict(sorted(metadata.items()))}
    header |= {name: entry for name, entry in entries.items() if name not in header}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    if len(text) > MAX_HEADER_BYTES:
        raise CheckpointError(f"names and metadata take {len(text)} bytes, but may take {MAX_HEADER_BYTES}")
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text


def read_header(data: bytes) -> dict[str, Any]:
    """Read the header of a safetensors file: each array's dtype and shape, and ``__metadata__``.

    Raises:
        CheckpointError: It is not a safetensors file, it is cut off, or its header is larger than 1 MB.
    """
    end = _header_end(data)
    try:
        header = json.loads(data[_LENGTH_BYTES:end])
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"this is not a safetensors file: its header is not JSON ({error})") from None
    if not isinstance(header, dict) or not all(isinstance(value, dict) for value in header.values()):
        raise CheckpointError("this is not a safetensors file: its header is not a table of arrays")
    return header


def read_safetensors(data: bytes, *, dtypes: Iterable[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read the arrays and the metadata of a safetensors file.

    Args:
        data: The file.
        dtypes: The allowed dtypes, by the names of the format.

    Raises:
        CheckpointError: The file is damaged, its header is over 1 MB, or a dtype is not allowed.
    """
    header = read_header(data)
    metadata = header.pop("__metadata__", {})
    allowed = sorted(dtypes)
    for name, entry in header.items():
        if entry.get("dtype") not in allowed:
            raise CheckpointError(f"{name} is of dtype {entry.get('dtype')}, but only {', '.join(allowed)} is read")
    try:
        return safetensors.numpy.load(data), metadata
    except (SafetensorError, ValueError, TypeError) as error:
        raise CheckpointError(f"the safetensors file is damaged or cut off: {error}") from None


def _too_long(data: bytes, length: int) -> str:
    """Return what is wrong with a header that is too long, which most often is that of another format."""
    if kind := kind_of(data):
        return f"this is not a safetensors file, but {kind}"
    if length > _LARGEST_PLAUSIBLE:
        return "this is not a safetensors file, and its first bytes are of no format that is known here"
    return f"the safetensors header claims {length} bytes, but may have {MAX_HEADER_BYTES}"


def _header_end(data: bytes) -> int:
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    if len(data) < _LENGTH_BYTES:
        raise CheckpointError(f"this is not a safetensors file: it has only {len(data)} bytes")
    if length > MAX_HEADER_BYTES:
        raise CheckpointError(_too_long(data, length))
    if _LENGTH_BYTES + length > len(data):
        raise CheckpointError(f"the file is cut off: its header has {length} bytes, the file {len(data)}")
    return _LENGTH_BYTES + length
