"""Copies weights from a file to a safetensors file, one array at a time, so that large files take little memory."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Protocol

import numpy as np

from naivenet.errors import CheckpointError
from naivenet.network import Network
from naivenet.storage.array_files import ArrayFile, SafetensorsArrays, as_float32, opened_npz
from naivenet.storage.checkpoint import checked_metadata, described_network, description, npz_names, tensor_names
from naivenet.storage.datasets import PIXELS
from naivenet.storage.safetensors_file import start_of_file
from naivenet.storage.weight_names import Place, Shape, find_weights


class Target(Protocol):
    """What can be written to."""

    def write(self, data: bytes, /) -> object:
        """Write *data*."""


class WeightsFile:
    """An open safetensors or npz file with weights; its first bytes decide which.

    Arrays may have the names and the layout of PyTorch or of `numpy.savez`, and any float type.

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
        self._file, self._safetensors = file, None if _is_npz(file) else SafetensorsArrays(file)
        metadata = checked_metadata(self._safetensors.header if self._safetensors else {})
        if network is None and not metadata:
            raise CheckpointError("the file does not describe its network: pass the network")
        found = (network, input_size) if network else described_network(metadata)
        self.network, self.input_size = found

    def copy_to(self, target: Target) -> None:
        """Write the safetensors file that `to_safetensors` returns for these weights.

        Raises:
            CheckpointError: The file is damaged, a number is not finite, or the arrays do not fit the network.
        """
        layers = len(self.network.layers)
        wanted = dict(zip(tensor_names(layers), self.network.shapes(self.input_size), strict=True))
        with self._opened() as arrays:
            places = find_weights(arrays.shapes, wanted, aliases=npz_names(layers))
            target.write(start_of_file(dict(sorted(wanted.items())), description(self.network, self.input_size)))
            for name, shape in sorted(wanted.items()):
                for piece in _pieces(arrays, places[name], shape):
                    target.write(piece)

    def _opened(self) -> AbstractContextManager[ArrayFile]:
        return nullcontext(self._safetensors) if self._safetensors else opened_npz(self._file)


def _pieces(arrays: ArrayFile, place: Place, shape: Shape) -> Iterator[bytes]:
    """Yield the bytes of an array as the network has it."""
    if place.is_transposed:
        array = as_float32(place.name, arrays.read(place.name)).reshape(shape[::-1])
        yield np.ascontiguousarray(array.T).tobytes()
        return
    first = 0
    for piece in arrays.pieces(place.name):
        yield as_float32(place.name, piece, first=first).tobytes()
        first += piece.size


def _is_npz(file: IO[bytes]) -> bool:
    file.seek(0)
    return file.read(2) == b"PK"
