"""Writes a network as a ``.keras`` file, which ``keras.saving.load_model`` reads from Keras 3.3 on, compiled.

Keras writes the weights. The description of the layers is our own: Keras's has keys that older versions refuse, and
addresses in memory, which differ between two processes.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

import naivenet
from service.exports.reproducible_zip import zipped

#: The oldest version of Keras that reads the file.
OLDEST_KERAS = "3.3.0"

#: Stands for the time of writing, so that the same weights give the same bytes.
FIXED_TIME = "1980-01-01@00:00:00"

#: How the loaded model is compiled, so that ``evaluate`` and ``fit`` work at once.
COMPILED = {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}

Description = dict[str, Any]


def write(model: naivenet.NaiveSequential) -> bytes:
    """Return the network as a Keras model of dense layers: (n, 784) -> (n, 10)."""
    described = description(model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        _keras_model(described, model).save(path)
        with zipfile.ZipFile(path) as archive:
            weights = archive.read("model.weights.h5")
    metadata = {"keras_version": OLDEST_KERAS, "date_saved": FIXED_TIME}
    return zipped(
        [
            ("config.json", json.dumps(described).encode()),
            ("metadata.json", json.dumps(metadata).encode()),
            ("model.weights.h5", weights),
        ]
    )


def description(model: naivenet.NaiveSequential) -> Description:
    """Return the description of the network, with keys that Keras 3.3 knows and no others."""
    pixels = {"batch_shape": [None, model.input_size], "dtype": "float32", "name": "pixels"}
    layers = [_part("keras.layers", "InputLayer", pixels), *_layers(model)]
    shape = [None, model.input_size]
    config = {"name": "naivenet", "trainable": True, "layers": layers, "build_input_shape": shape}
    built = {"build_config": {"input_shape": shape}, "compile_config": COMPILED}
    return _part("keras", "Sequential", config) | built


def _layers(model: naivenet.NaiveSequential) -> Iterator[Description]:
    inputs = model.input_size
    for number, layer in enumerate(naivenet.Network.of(model).layers):
        # In Keras, L2 normalization is a layer, not an activation
        normalizes = layer.activation == "l2_normalize"
        activation = "linear" if normalizes else layer.activation
        dense = _layer(f"layer_{number}") | {"units": layer.units, "activation": activation, "use_bias": True}
        yield _part("keras.layers", "Dense", dense) | {"build_config": {"input_shape": [None, inputs]}}
        inputs = layer.units
        if normalizes:
            config = _layer(f"layer_{number}_norm") | {"axis": -1}
            yield _part("keras.layers", "UnitNormalization", config) | {"build_config": {"input_shape": [None, inputs]}}


def _layer(name: str) -> Description:
    return {"name": name, "trainable": True, "dtype": "float32"}


def _part(module: str, class_name: str, config: Description) -> Description:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _keras_model(described: Description, model: naivenet.NaiveSequential) -> Any:
    written = keras.saving.deserialize_keras_object(described)
    written.set_weights(model.weights)
    written.optimizer.name = COMPILED["optimizer"]  # Keras would number it within a process
    return written
