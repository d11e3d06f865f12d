"""Saving, loading and training on, as students do it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from naivenet import (
    Layer,
    NaiveSequential,
    Network,
    ParameterError,
    fit,
    from_safetensors,
    load_weights,
    to_safetensors,
)

NETWORK = Network(layers=(Layer(units=8, activation="relu"), Layer(units=10, activation="softmax")))
IMAGES = np.random.default_rng(0).random((20, 784), dtype=np.float32)
LABELS = np.arange(20) % 10
MAPPING: Any = {"W0": IMAGES}
PATH: Any = "digits.safetensors"


def built() -> NaiveSequential:
    """Return a network that always starts with the same weights."""
    return NETWORK.build(784, seed=1)


def test_a_saved_network_is_loaded_and_trained_on(tmp_path: Path) -> None:
    """The way that the notebook shows: a file, a new model, and the training goes on."""
    path, model = tmp_path / "digits.safetensors", built()
    fit(model, IMAGES, LABELS, 1)
    path.write_bytes(to_safetensors(model))

    again = NETWORK.build(784, seed=2)
    load_weights(again, from_safetensors(path.read_bytes()))

    assert np.array_equal(again(IMAGES), model(IMAGES))
    assert fit(again, IMAGES, LABELS, 1).losses.tobytes() == fit(model, IMAGES, LABELS, 1).losses.tobytes()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: load_weights(model, to_safetensors(model)), r"not bytes; from_safetensors\(file_bytes\)"),
        (lambda model: load_weights(model, "digits.safetensors"), "not str; from_safetensors"),
        (lambda model: load_weights(model, MAPPING), r"not dict; .* list\(np.load\(path\).values\(\)\)"),
        (lambda _: from_safetensors(PATH), r"takes the bytes of a file: .*read_bytes\(\)"),
        (lambda model: fit(from_safetensors(to_safetensors(model)), IMAGES, LABELS, 1), r"load_weights\(a_new_model"),
    ],
    ids=["bytes", "path", "mapping", "from path", "train"],
)
def test_other_ways_to_load_are_refused(call: Callable[[Any], Any], message: str) -> None:
    """The error says how a file becomes a model, and how the model can be trained."""
    with pytest.raises(ParameterError, match=message):
        call(built())
