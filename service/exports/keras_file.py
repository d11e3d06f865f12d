"""Writes a network as a ``.keras`` file, which ``keras.saving.load_model`` reads."""

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import keras

import naivenet
from service.exports.reproducible_zip import zipped

#: Replaces the time of writing in the file, so that the same weights give the same bytes.
FIXED_TIME = "1980-01-01@00:00:00"


def write(model: naivenet.NaiveSequential) -> bytes:
    """Return the network as a Keras model of dense layers: (n, 784) -> (n, 10)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        _keras_model(model).save(path)
        with zipfile.ZipFile(path) as archive:
            return zipped((name, _with_fixed_time(name, archive.read(name))) for name in archive.namelist())


def _keras_model(model: naivenet.NaiveSequential) -> Any:
    layers = [keras.Input((model.input_size,), name="pixels")]
    for number, (layer, described) in enumerate(zip(model.layers, naivenet.Network.of(model).layers, strict=True)):
        # In Keras, L2 normalization is a layer, not an activation
        normalizes = described.activation == "l2_normalize"
        activation = "linear" if normalizes else described.activation
        layers.append(keras.layers.Dense(layer.output_size, activation=activation, name=f"layer_{number}"))
        if normalizes:
            layers.append(keras.layers.UnitNormalization(axis=-1, name=f"layer_{number}_norm"))
    written = keras.Sequential(layers, name="naivenet")
    written.set_weights(model.weights)
    return written


def _with_fixed_time(name: str, data: bytes) -> bytes:
    if name != "metadata.json":
        return data
    return json.dumps(json.loads(data) | {"date_saved": FIXED_TIME}).encode()
