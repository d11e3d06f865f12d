"""Reads a ``.keras`` file of dense layers, such as our own export, without Keras."""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import safetensors.numpy

import naivenet
from naivenet.errors import CheckpointError, NaivenetError
from naivenet.storage.checkpoint import description
from service.imports import hdf5_file

MAX_CONFIG_BYTES, MAX_WEIGHTS_BYTES = 1_000_000, 400_000_000

#: Layers that do nothing to a row of numbers when a network predicts.
_WITHOUT_EFFECT = frozenset({"InputLayer", "Flatten", "Dropout", "GaussianNoise"})


def read(data: bytes) -> bytes:
    """Return the weights as safetensors, with the description of their network.

    Raises:
        CheckpointError: The file is damaged, or has other layers than dense ones.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            config = json.loads(_member(archive, "config.json", MAX_CONFIG_BYTES))
            arrays = hdf5_file.arrays(_member(archive, "model.weights.h5", MAX_WEIGHTS_BYTES))
        network = naivenet.Network.from_dict({"layers": _layers(config)})
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError, RuntimeError) as error:
        reason = error if isinstance(error, NaivenetError) else f"the .keras file is damaged: {error!r}"
        raise CheckpointError(str(reason)) from None
    input_size = next((array.shape[0] for array in arrays.values() if array.ndim > 1), 0)
    return safetensors.numpy.save(dict(arrays), metadata=description(network, input_size))


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    with archive.open(name) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise CheckpointError(f"{name} has more than {limit:,} bytes")
    return data


def _layers(config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the layers as `naivenet.Network` describes them."""
    if config["class_name"] != "Sequential":
        raise CheckpointError(f"the .keras file has a {config['class_name']} model, but only Sequential ones are read")
    layers: list[dict[str, Any]] = []
    for kind, activation, units in _parts(config["config"]["layers"]):
        if kind == "Dense":
            layers.append({"units": units, "activation": activation})
        elif layers and layers[-1]["activation"] == "linear":
            layers[-1]["activation"] = activation
        else:
            raise CheckpointError(f"the .keras file has a layer {kind} where none can be")
    return layers


def _parts(layers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """Yield each layer's class, its activation, and its units."""
    for layer in layers:
        kind, config = layer["class_name"], layer["config"]
        if kind in {"Dense", "Activation"}:
            yield kind, config["activation"], config.get("units")
        elif kind == "UnitNormalization":
            yield kind, "l2_normalize", None
        elif kind not in _WITHOUT_EFFECT:
            raise CheckpointError(f"the .keras file has a layer {kind}, but only dense ones are read")
