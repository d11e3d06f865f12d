"""Reads and writes arrays as safetensors and as npz, trusting nothing that a file says of itself."""

import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.lib import format as npy
from numpy.typing import NDArray
from safetensors import SafetensorError

from naivenet.errors import CheckpointError

Array = NDArray[Any]

MAX_HEADER_BYTES = 1_000_000
_LENGTH_BYTES = 8
_ALIGNMENT = 8
_MAX_NPY_HEADER_BYTES = 10_000
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_AS_NUMPY = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def write_safetensors(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Write arrays and text; the same ones give the same bytes, which the library alone does not promise.

    Raises:
        CheckpointError: The header would be larger than what is read again.
    """
    data = safetensors.numpy.save(dict(tensors), metadata=dict(metadata))
    end = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "little")
    header = {"__metadata__": dict(sorted(metadata.items()))}
    header |= {name: entry for name, entry in json.loads(data[_LENGTH_BYTES:end]).items() if name not in header}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    if len(text) > MAX_HEADER_BYTES:
        raise CheckpointError(f"names and metadata take {len(text)} bytes, but may take {MAX_HEADER_BYTES}")
    return b"".join((len(text).to_bytes(_LENGTH_BYTES, "little"), text, memoryview(data)[end:]))


def read_header(data: bytes) -> dict[str, Any]:
    """Read what a safetensors file says of itself: each array's dtype and shape, and ``__metadata__``.

    Raises:
        CheckpointError: This is no safetensors file, it is cut off, or its header is larger than 1 MB.
    """
    end = _header_end(data)
    try:
        header = json.loads(data[_LENGTH_BYTES:end])
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"this is no safetensors file: its header is no JSON ({error})") from None
    if not isinstance(header, dict) or not all(isinstance(value, dict) for value in header.values()):
        raise CheckpointError("this is no safetensors file: its header is no table of arrays")
    return header


def read_safetensors(data: bytes, *, dtypes: Iterable[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read the arrays and the metadata of a safetensors file.

    Args:
        data: The file.
        dtypes: The dtypes that its arrays may have, as the format spells them.

    Raises:
        CheckpointError: The file is damaged, its header is over 1 MB, or an array is of another dtype.
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


def check_names(given: Iterable[str], wanted: Iterable[str]) -> None:
    """Refuse arrays that are missing, that nobody asked for, or that come twice.

    Raises:
        CheckpointError: There is one such; the message names some of each.
    """
    names, expected = list(given), list(wanted)
    missing = [name for name in expected if name not in names]
    extra = [name for name in names if name not in expected]
    if missing or extra or len(names) != len(expected):
        raise CheckpointError(
            f"the network's arrays are {_some(expected)}, but those given are {_some(names)}: "
            f"missing {_some(missing)}, not wanted {_some(extra)}"
        )


def _header_end(data: bytes) -> int:
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    if len(data) < _LENGTH_BYTES:
        raise CheckpointError(f"this is no safetensors file: it has {len(data)} bytes")
    if length > MAX_HEADER_BYTES:
        raise CheckpointError(
            f"the safetensors header claims {length} bytes, but may have {MAX_HEADER_BYTES}; "
            "or this is no safetensors file"
        )
    if _LENGTH_BYTES + length > len(data):
        raise CheckpointError(f"the file is cut off: its header has {length} bytes, the file {len(data)}")
    return _LENGTH_BYTES + length


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


def _some(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:8]) or "none"
    return f"{shown}, ... ({len(names)} in all)" if len(names) > 8 else shown  # noqa: PLR2004 -- enough to see
