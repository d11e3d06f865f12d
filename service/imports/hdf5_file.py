"""Reads the weights in an HDF5 file of Keras: ``.weights.h5`` of Keras 3, and ``.h5`` of Keras 2."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from naivenet.errors import CheckpointError

#: The most numbers of all arrays together: HDF5 can claim large ones in a few bytes.
MAX_NUMBERS = 100_000_000

#: How Keras 3 numbers the weights of a dense layer.
_VARIABLES = {"vars/0": "kernel", "vars/1": "bias"}

Arrays = Mapping[str, NDArray[np.float32]]


def read(data: bytes) -> bytes:
    """Return the weights as safetensors, by names that end in ``kernel`` and ``bias``.

    Raises:
        CheckpointError: The file is damaged, or has no weights of dense layers.
    """
    return safetensors.numpy.save(dict(arrays(data)))


def arrays(data: bytes) -> Arrays:
    """Return the kernels and biases of a file, without the variables of its optimizer.

    Raises:
        CheckpointError: As for `read`.
    """
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            found = {_name(path): dataset for path, dataset in _datasets(file)}
            if not found or sum(dataset.size for dataset in found.values()) > MAX_NUMBERS:
                raise CheckpointError("the HDF5 file has no weights of dense layers, or too many")
            return {name: _read(name, dataset) for name, dataset in found.items()}
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"the HDF5 file is damaged or cut off: {error}") from None


def _datasets(file: Any) -> Iterator[tuple[str, Any]]:
    paths: list[str] = []
    file.visit(paths.append)  # visits no links to other files
    for path in paths:
        if isinstance(file[path], h5py.Dataset) and file[path].size and not path.startswith("optimizer"):
            yield path, file[path]


def _name(path: str) -> str:
    """Return the path of an array, ending in ``kernel`` or ``bias``; Keras 2 appends ``:0``."""
    path = path.removesuffix(":0")
    for number, kind in _VARIABLES.items():
        if path.endswith(f"/{number}"):
            return path.removesuffix(number) + kind
    return path


def _read(name: str, dataset: Any) -> NDArray[np.float32]:
    if dataset.dtype.kind != "f" or dataset.external or dataset.is_virtual:
        raise CheckpointError(f"{name} is of dtype {dataset.dtype} or in another file, but only own floats are read")
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is refused later
        return np.ascontiguousarray(dataset[()], np.float32)
