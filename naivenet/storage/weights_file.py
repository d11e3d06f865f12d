"""Copies weights from a file to a safetensors file, one array at a time, so that large files take little memory."""

import math
from collections.abc import Iterator, Mapping
from typing import IO, Any, Protocol

import numpy as np

from naivenet.errors import CheckpointError
from naivenet.network import Network
from naivenet.storage import npz_file
from naivenet.storage.checkpoint import checked_metadata, described_network, description, npz_names, tensor_names
from naivenet.storage.datasets import PIXELS
from naivenet.storage.names import check_names
from naivenet.storage.safetensors_file import ITEM_BYTES, read_start, start_of_file

#: The bytes of a safetensors file that are copied at a time.
_PIECE_BYTES = 1_000_000


class Target(Protocol):
    """What can be written to."""

    def write(self, data: bytes, /) -> object:
        """Write *data*."""


class WeightsFile:
    """An open safetensors or npz file with weights; its first bytes decide which.

    Args:
        file: The file; it must allow seeking.
        network: The network that the weights belong to. If None, the file must describe it.
        input_size: How many numbers a sample of *network* has.

    Attributes:
        network: The network that the weights belong to.
        input_size: How many numbers a sample of it has.

    Raises:
        CheckpointError: The file is damaged, or does not describe its network.
    """

    def __init__(self, file: IO[bytes], network: Network | None = None, input_size: int = PIXELS) -> None:
        self._file, self._header = file, None if _is_npz(file) else read_start(file)
        self._data_start = file.tell()
        if self._header is None and network is None:
            raise CheckpointError("an npz file does not describe its network: pass the network")
        found = (network, input_size) if network else described_network(checked_metadata(self._header or {}))
        self.network, self.input_size = found

    def copy_to(self, target: Target) -> None:
        """Write the safetensors file that `to_safetensors` returns for these weights.

        Raises:
            CheckpointError: The file is damaged, or its arrays do not fit the network.
        """
        names = tensor_names(len(self.network.layers))
        shapes = dict(sorted(zip(names, self.network.shapes(self.input_size), strict=True)))
        pieces = self._of_npz(shapes) if self._header is None else self._of_safetensors(self._header, shapes)
        first = next(pieces)  # reading it checks all names and shapes
        target.write(start_of_file(shapes, description(self.network, self.input_size)))
        target.write(first)
        for piece in pieces:
            target.write(piece)

    def _of_safetensors(self, header: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Iterator[bytes]:
        starts = _starts(header, shapes, data_bytes=self._file.seek(0, 2) - self._data_start)
        for name, shape in shapes.items():
            self._file.seek(self._data_start + starts[name])
            missing = ITEM_BYTES * math.prod(shape)
            while missing:
                piece = self._file.read(min(missing, _PIECE_BYTES))
                missing -= len(piece)
                yield piece

    def _of_npz(self, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[bytes]:
        layers = len(self.network.layers)
        own = dict(zip(tensor_names(layers), npz_names(layers), strict=True))
        with npz_file.opened_weights(self._file, {own[name]: shape for name, shape in shapes.items()}) as read:
            for name in shapes:
                yield np.ascontiguousarray(read(own[name])).tobytes()


def _is_npz(file: IO[bytes]) -> bool:
    file.seek(0)
    return file.read(2) == b"PK"


def _starts(header: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]], *, data_bytes: int) -> dict[str, int]:
    """Return where the bytes of each array start behind the header, after comparing them with the network."""
    entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
    for name, entry in entries.items():
        if entry.get("dtype") != "F32":
            raise CheckpointError(f"{name} is of dtype {entry.get('dtype')}, but only F32 is read")
    check_names(entries, list(shapes))
    for name, shape in shapes.items():
        if (found := entries[name].get("shape")) != list(shape):
            found = tuple(found) if isinstance(found, list) else found
            raise CheckpointError(f"{name} has shape {found}, but the network needs {shape}")
    return _packed({name: entries[name].get("data_offsets") for name in shapes}, shapes, data_bytes)


def _packed(offsets: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]], data_bytes: int) -> dict[str, int]:
    """Return the starts of arrays that follow one another without gaps or overlaps, up to the end of the file."""
    starts = {str(place[0]): name for name, place in offsets.items() if isinstance(place, list) and place}
    at = 0
    for _ in shapes:
        name = starts.get(str(at))
        end = at + ITEM_BYTES * math.prod(shapes[name]) if name else -1
        if not name or offsets[name] != [at, end]:
            raise CheckpointError(f"the safetensors file is damaged or cut off: no array starts at byte {at}")
        at = end
    if at != data_bytes:
        raise CheckpointError(f"the safetensors file is damaged or cut off: it has {data_bytes} bytes of {at}")
    return {name: offsets[name][0] for name in shapes}
