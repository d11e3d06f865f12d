"""Checkpoints: weights and training states as bytes. Reading refuses arrays that do not fit the network."""

import json
import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import to_numpy
from naivenet.choices.own_layers import AnyLayer
from naivenet.engine.events import Position
from naivenet.errors import CheckpointError, MissingPart, NaivenetError, ParameterError
from naivenet.layers import NaiveSequential
from naivenet.network import Network
from naivenet.own_models import dense_layers
from naivenet.storage import npz_file, safetensors_file
from naivenet.storage.datasets import PIXELS
from naivenet.storage.names import check_names

FORMAT = "naivenet"
STATE_FORMAT = "naivenet-state"
VERSION = "1"

_NO_METADATA: Mapping[str, str] = MappingProxyType({})
_STATE_DTYPES = ("F32", "F64", "I32", "I64", "U32", "U64")


def to_safetensors(model: NaiveSequential, *, metadata: Mapping[str, str] = _NO_METADATA) -> bytes:
    """Return a safetensors file with ``layers.0.W``, ``layers.0.b``, ... and the description of the network.

    The same weights and metadata give the same bytes.

    Raises:
        ParameterError: An activation is a function without a name, which cannot be described.
        MissingPart: A layer is no `NaiveDense`.
    """
    described = description(Network.of(model), model.input_size)
    tensors = zip(tensor_names(len(model.layers)), _arrays(model), strict=True)
    return safetensors_file.write_safetensors(dict(tensors), {**metadata, **described})


def description(network: Network, input_size: int) -> dict[str, str]:
    """Return the metadata by which a safetensors file describes its network."""
    layers = json.dumps(network.to_dict())
    return {"format": FORMAT, "version": VERSION, "network": layers, "input_size": str(input_size)}


def from_safetensors(data: bytes) -> NaiveSequential:
    """Read what `to_safetensors` returned, as a network on NumPy arrays.

    Raises:
        CheckpointError: The file is damaged, lacks its description, or its arrays do not fit the network.
        ParameterError: *data* is a path or an open file.
    """
    if isinstance(data, str | os.PathLike) or hasattr(data, "read"):
        raise ParameterError(
            "from_safetensors takes the bytes of a file: pathlib.Path('weights.safetensors').read_bytes()"
        )
    return _from_safetensors(data, *described_network(read_metadata(data)))


def read_metadata(data: bytes) -> dict[str, str]:
    """Read the metadata of a safetensors file, such as the description of its network.

    Raises:
        CheckpointError: The file is damaged.
    """
    return checked_metadata(safetensors_file.read_header(data))


def checked_metadata(header: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata in the header of a safetensors file.

    Raises:
        CheckpointError: A value is not text.
    """
    metadata: dict[str, str] = header.get("__metadata__", {})
    if not all(isinstance(value, str) for value in metadata.values()):
        raise CheckpointError("a value in the safetensors file's metadata is not text")
    return metadata


def to_npz(model: NaiveSequential) -> bytes:
    """Return an npz file with ``W0``, ``b0``, ``W1``, ... for `numpy.load`. The same weights give the same bytes."""
    return npz_file.write_npz(dict(zip(npz_names(len(dense_layers(model))), _arrays(model), strict=True)))


def from_npz(data: bytes, network: Network, input_size: int = PIXELS) -> NaiveSequential:
    """Read what `to_npz` returned, as *network* on NumPy arrays.

    Raises:
        CheckpointError: The file is damaged, holds pickled objects, or its arrays do not fit the network.
    """
    names = npz_names(len(network.layers))
    shapes = dict(zip(names, network.shapes(input_size), strict=True))
    arrays = npz_file.read_weights(data, shapes)
    return network.with_weights([arrays[name] for name in names])


def read_weights(data: bytes, network: Network | None = None, input_size: int = PIXELS) -> NaiveSequential:
    """Read weights from a safetensors or npz file; its first bytes decide which.

    Args:
        data: The file.
        network: The network that the weights belong to. If None, the file must describe it.
        input_size: How many numbers a sample of *network* has.

    Raises:
        CheckpointError: The file is damaged, or its arrays do not fit the network.
    """
    if data[:2] == b"PK":
        if network is None:
            raise CheckpointError("an npz file does not describe its network: pass the network")
        return from_npz(data, network, input_size)
    return from_safetensors(data) if network is None else _from_safetensors(data, network, input_size)


def load_weights(model: AnyLayer, weights: AnyLayer | Sequence[Any]) -> None:
    """Assign *weights*, a list or those of another model, to the variables of *model*.

    Raises:
        CheckpointError: The number, a shape or a dtype is wrong; then nothing is assigned.
        ParameterError: *weights* is neither a model nor a list.
    """
    listed: Any = getattr(weights, "weights", weights)
    if isinstance(listed, bytes | str | Mapping):
        raise ParameterError(
            f"weights must be a model or a list of arrays, not {type(listed).__name__}; from_safetensors(file_bytes) "
            "makes a model, and list(np.load(path).values()) a list"
        )
    given = [to_numpy(each) for each in listed]
    names = _names_of_weights(model)
    if len(given) != len(names):
        raise CheckpointError(f"the network has {len(names)} weights, but {len(given)} were given")
    for name, array, variable in zip(names, given, model.weights, strict=True):
        _check(name, array, tuple(variable.shape))
    for array, variable in zip(given, model.weights, strict=True):
        variable.assign(array)


def to_state(slots: Sequence[NDArray[Any]], position: Position, *, metadata: Mapping[str, str] = _NO_METADATA) -> bytes:
    """Return a file with the optimizer's slots and the position of the run, for an exact resume.

    *metadata* is text of the caller, which `read_metadata` returns.
    """
    described = {
        "format": STATE_FORMAT,
        "version": VERSION,
        "step": str(position.step),
        "correct": str(position.correct),
        "loss_sum": position.loss_sum.hex(),
    }
    tensors = {f"slots.{i}": np.asarray(slot) for i, slot in enumerate(slots)}
    return safetensors_file.write_safetensors(tensors, {**metadata, **described})


def from_state(data: bytes) -> tuple[list[NDArray[Any]], Position]:
    """Read what `to_state` returned.

    Raises:
        CheckpointError: The file is damaged, or it is another kind of file.
    """
    arrays, metadata = safetensors_file.read_safetensors(data, dtypes=_STATE_DTYPES)
    if metadata.get("format") != STATE_FORMAT or metadata.get("version") != VERSION:
        raise CheckpointError(f"this safetensors file is not marked as {STATE_FORMAT} version {VERSION}")
    names = [f"slots.{i}" for i in range(len(arrays))]
    check_names(arrays, names)
    try:
        position = _position(int(metadata["step"]), int(metadata["correct"]), float.fromhex(metadata["loss_sum"]))
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"the state lacks the position of the run: {error}") from None
    return [arrays[name] for name in names], position


def _position(step: int, correct: int, loss_sum: float) -> Position:
    """Return the position that a file describes by three numbers.

    The format does not store whether an epoch is under way. The numbers show it: they are reset at the end of an epoch,
    and within one either the loss is greater than 0 or all samples so far are correct.
    """
    within_epoch = correct != 0 or loss_sum != 0.0
    return Position(step=step, correct=correct, loss_sum=loss_sum, within_epoch=within_epoch)


def _from_safetensors(data: bytes, network: Network, input_size: int) -> NaiveSequential:
    names = tensor_names(len(network.layers))
    arrays, _ = safetensors_file.read_safetensors(data, dtypes=["F32"])
    check_names(arrays, names)
    for name, shape in zip(names, network.shapes(input_size), strict=True):
        _check(name, arrays[name], shape)
    return network.with_weights([arrays[name] for name in names])


def described_network(metadata: Mapping[str, str]) -> tuple[Network, int]:
    """Return the network that a file describes in its metadata, and how many numbers a sample of it has.

    Raises:
        CheckpointError: The description is missing or wrong.
    """
    if metadata.get("format") != FORMAT or metadata.get("version") != VERSION:
        raise CheckpointError(f"this safetensors file is not marked as {FORMAT} version {VERSION}")
    try:
        network = Network.from_dict(json.loads(metadata["network"]))
        return network, int(metadata["input_size"])
    except KeyError as error:
        raise CheckpointError(f"the file does not describe its network: it lacks {error}") from None
    except (NaivenetError, ValueError, RecursionError) as error:
        raise CheckpointError(f"the file's description of its network is wrong: {error}") from None


def _check(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.dtype != np.float32:
        raise CheckpointError(f"{name} is of dtype {array.dtype}, but only float32 is read")
    if array.shape != shape:
        raise CheckpointError(f"{name} has shape {array.shape}, but the network needs {shape}")


def _arrays(model: NaiveSequential) -> list[NDArray[np.float32]]:
    return [to_numpy(weight) for weight in model.weights]


def tensor_names(layers: int) -> list[str]:
    """Return the names of the weights in a safetensors file."""
    return [f"layers.{number}.{weight}" for number in range(layers) for weight in ("W", "b")]


def _names_of_weights(model: AnyLayer) -> list[str]:
    """Return the names of a model's weights in an error."""
    try:
        return tensor_names(len(dense_layers(model)))
    except MissingPart:
        return [f"weight {number}" for number in range(len(model.weights))]


def npz_names(layers: int) -> list[str]:
    """Return the names of the weights in an npz file."""
    return [f"{weight}{number}" for number in range(layers) for weight in ("W", "b")]
