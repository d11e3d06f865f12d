"""The outputs of each layer, and the weights between shown units, by an independent calculation in NumPy."""

import base64

import numpy as np
import pytest
from numpy.typing import NDArray

from naivenet import NaiveDense, NaiveSequential
from service.errors import NotFound
from service.inference.answers.activations import activations
from service.inference.answers.network_weights import pictures, shown_layers, shown_units, unit_weights
from service.inference.answers.significant import significant

Bytes = NDArray[np.uint8]

WITHIN = 5.1e-4  # half of the last of four digits


@pytest.fixture
def arrays() -> list[NDArray[np.float32]]:
    """The weights of a network of 784-40-30-10, on both sides of zero."""
    rng = np.random.default_rng(1)
    shapes = [(784, 40), (40,), (40, 30), (30,), (30, 10), (10,)]
    return [rng.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]


@pytest.fixture
def network(arrays: list[NDArray[np.float32]]) -> NaiveSequential:
    """That network."""
    return NaiveSequential.from_weights(arrays, ["relu", "tanh", "softmax"])


def test_activations_are_the_outputs_of_each_layer(
    digit: Bytes, arrays: list[NDArray[np.float32]], network: NaiveSequential
) -> None:
    """ReLU, tanh and softmax by their formulas, in double precision, give the same numbers to four digits."""
    row = digit.reshape(784) / np.float32(255)
    W0, b0, W1, b1, W2, b2 = (array.astype(np.float64) for array in arrays)
    first = np.maximum(row @ W0 + b0, 0)
    second = np.tanh(first @ W1 + b1)
    powers = np.exp(second @ W2 + b2)
    found = activations(network, row)
    for mine, wanted in zip(found, [first, second, powers / powers.sum()], strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=WITHIN, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.12345678, 123456.0, 3e-30, 1e-45, 3e38])
def test_four_significant_digits(value: float) -> None:
    """Python's own format gives the same number."""
    rounded = significant(np.array([value], np.float32))[0]
    assert rounded == pytest.approx(float(f"{float(np.float32(value)):.3e}"), rel=1e-15)


def test_numbers_that_are_not_finite_stay() -> None:
    """NaN and infinity are not rounded."""
    found = significant(np.array([np.nan, np.inf, -np.inf], np.float32))
    assert np.array_equal(found, [np.nan, np.inf, -np.inf], equal_nan=True)


def test_shown_units_are_evenly_spaced() -> None:
    """The first and the last are among them, and a small layer is shown whole."""
    assert shown_units(10, 24) == list(range(10))
    assert shown_units(512, 4) == [0, 170, 341, 511]
    assert shown_units(512, 1) == [0]
    steps = np.diff(shown_units(1000, 24))
    assert steps.min() >= 43
    assert steps.max() <= 44


def test_shown_layers_have_the_weights_between_shown_units(
    arrays: list[NDArray[np.float32]], network: NaiveSequential
) -> None:
    """Rows are the units below, columns the units of the layer; the first layer has its pixels elsewhere."""
    first, second, last = shown_layers(network, 5)
    assert (first["units"], first["activation"], first["weights"]) == (40, "relu", None)
    np.testing.assert_allclose(first["biases"], arrays[1][first["shown"]], rtol=WITHIN)
    np.testing.assert_allclose(second["weights"], arrays[2][first["shown"]][:, second["shown"]], rtol=WITHIN)
    np.testing.assert_allclose(last["weights"], arrays[4][second["shown"]][:, last["shown"]], rtol=WITHIN)


def test_pictures_are_a_byte_a_weight(arrays: list[NDArray[np.float32]], network: NaiveSequential) -> None:
    """Byte times scale is the weight, to half a step of the scale; 24 of them take about 25 kB."""
    found = pictures(network, 24)
    for unit, picture in zip(shown_units(40, 24), found, strict=True):
        data = np.frombuffer(base64.b64decode(picture["data"]), np.int8)
        np.testing.assert_allclose(data * picture["scale"], arrays[0][:, unit], atol=0.51 * picture["scale"])
    assert sum(len(picture["data"]) for picture in found) < 26_000


def test_a_picture_of_zeros_and_one_of_nan() -> None:
    """Zeros are zeros; a weight that is not finite leaves no picture."""
    weights = np.zeros((784, 2), np.float32)
    weights[3, 1] = np.nan
    zeros, broken = pictures(NaiveSequential([NaiveDense.from_weights(weights, np.zeros(2, np.float32), "relu")]), 2)
    assert base64.b64decode(zeros["data"]) == bytes(784)
    assert broken == {"scale": None, "data": None}


def test_one_unit(arrays: list[NDArray[np.float32]], network: NaiveSequential) -> None:
    """It has its bias and all its weights; there is no unit behind the last one, and no layer."""
    found = unit_weights(network, 1, 29)
    np.testing.assert_allclose(found["weights"], arrays[2][:, 29], rtol=WITHIN)
    assert found["bias"] == pytest.approx(float(arrays[3][29]), rel=WITHIN)
    for layer, unit in [(1, 30), (3, 0)]:
        with pytest.raises(NotFound, match=f"no unit '{layer}/{unit}'"):
            unit_weights(network, layer, unit)
