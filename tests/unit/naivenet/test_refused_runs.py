"""Impossible runs are refused before the first step, and the error says what would be right."""

from typing import Any

import numpy as np
import pytest

from naivenet import Layer, Network, ParameterError, ShapeError, evaluate, train

SMALL = Network(layers=(Layer(units=10, activation="softmax"),))
Samples = tuple[np.ndarray, np.ndarray]


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (np.zeros((5, 784), "f4"), [1] * 4, ShapeError, r"5 images, so labels must be \(5,\), not \(4,\)"),
        (np.zeros((5, 783), "f4"), [1] * 5, ShapeError, r"images of 784 numbers, \(samples, 784\), not \(5, 783\)"),
        (np.zeros((0, 784), "f4"), np.zeros(0, int), ShapeError, r"there are no images: .* \(0, 784\)"),
        (np.zeros(784, "f4"), [1], ShapeError, r"not \(784,\)"),
        (
            np.zeros((5, 784), int),
            [1] * 5,
            ParameterError,
            r"uint8 .* or floats .*, not int64: images.astype\('uint8'\)",
        ),
        (
            np.full((5, 784), np.nan),
            [1] * 5,
            ParameterError,
            r"contain NaN or infinity: replace them, for example by np.nan_to_num",
        ),
        (np.zeros((5, 784), "f4"), [1.0] * 5, ParameterError, "labels must be integers, not float64: .* one-hot"),
        (np.zeros((5, 784), "f4"), [10] * 5, ParameterError, "from 0 to 9, .* but are from 10 to 10"),
        (np.zeros((5, 784), "f4"), [-1] * 5, ParameterError, "from -1 to -1"),
        (np.zeros((5, 784), "f4"), [[1]] * 5, ShapeError, r"not \(5, 1\)"),
    ],
    ids=str,
)
def test_wrong_data_is_refused(images: Any, labels: Any, error: type[Exception], message: str) -> None:
    """Data that does not fit is refused at once, for training and for evaluation."""
    model = SMALL.build(784, seed=1)
    good = (np.zeros((5, 784), np.float32), [1] * 5)
    with pytest.raises(error, match=message):
        train(model, images, labels, epochs=1)
    with pytest.raises(error, match=message):
        train(model, *good, epochs=1, validation=(images, labels))
    with pytest.raises(error, match=message):
        evaluate(model, images, labels)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, not 0"),
        ({"epochs": 1.5}, "epochs must be a whole number of at least 1, not 1.5"),
        ({"epochs": True}, "epochs must be a whole number of at least 1, not True"),
        ({"epochs": 1, "batch_size": 0}, "batch_size must be a whole number of at least 1, not 0"),
        ({"epochs": 1, "chunk_steps": 0}, "chunk_steps must be a whole number of at least 1, not 0"),
        ({"epochs": 1, "seed": -1}, "a seed must be a whole number of at least 0, not -1"),
    ],
    ids=str,
)
def test_wrong_choices_are_refused(few: Samples, choices: dict[str, Any], message: str) -> None:
    """The error names the option and the right values."""
    with pytest.raises(ParameterError, match=message):
        train(SMALL.build(784, seed=1), *few, **choices)


def test_a_network_on_numpy_is_not_trained(few: Samples) -> None:
    """A network on NumPy arrays cannot be trained; the error says what to do."""
    with pytest.raises(ParameterError, match="build it on TensorFlow variables"):
        train(SMALL.build(784, seed=1).numpy(), *few, epochs=1)
