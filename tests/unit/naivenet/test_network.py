"""Descriptions of networks."""

import json
from typing import Any

import numpy as np
import pytest

from naivenet import NOTEBOOK_NETWORK, Layer, Network, ParameterError, ShapeError, UnknownName, get_initializer

THREE = Network(
    layers=(
        Layer(units=32, activation="relu", initializer=get_initializer("he_normal")),
        Layer(units=16, activation="tanh", initializer=get_initializer("random_normal", stddev=0.1)),
        Layer(units=10, activation="softmax"),
    )
)


def test_the_notebook_network_is_the_notebooks() -> None:
    """512 relu, 10 softmax, both uniform in [0, 0.1)."""
    uniform = {"name": "random_uniform", "minval": 0.0, "maxval": 0.1}
    assert NOTEBOOK_NETWORK.to_dict() == {
        "layers": [
            {"units": 512, "activation": "relu", "initializer": uniform},
            {"units": 10, "activation": "softmax", "initializer": uniform},
        ]
    }


def test_a_description_survives_json() -> None:
    """A description is written as JSON and read back."""
    assert Network.from_dict(json.loads(json.dumps(THREE.to_dict()))) == THREE


def test_a_network_knows_its_shapes() -> None:
    """The shapes of all weights follow from the size of a sample."""
    assert THREE.shapes(784) == [(784, 32), (32,), (32, 16), (16,), (16, 10), (10,)]


def test_a_built_network_has_its_shapes_and_description() -> None:
    """A built network has these shapes, and its description is the one it was built from."""
    model = THREE.build(784, seed=1)
    assert [tuple(weight.shape) for weight in model.weights] == THREE.shapes(784)
    assert Network.of(model) == THREE
    assert Network.of(model.numpy()) == THREE


def test_the_same_seed_gives_the_same_bytes() -> None:
    """The same seed gives the same weights; layers of the same shape differ."""
    square = Network(layers=(Layer(units=8, activation="relu"), Layer(units=8, activation="relu")))
    once, again, other = (square.build(8, seed=seed).numpy().weights for seed in (1, 1, 2))
    assert [w.tobytes() for w in once] == [w.tobytes() for w in again]
    assert once[0].tobytes() != other[0].tobytes()
    assert once[0].tobytes() != once[2].tobytes()


def test_weights_that_are_not_the_networks_are_refused() -> None:
    """Too few weights, or a wrong number of units, are refused with both numbers."""
    weights = [np.zeros(shape, np.float32) for shape in THREE.shapes(784)]
    with pytest.raises(ShapeError, match="3 layers have 6 weights, not 4"):
        THREE.with_weights(weights[:4])
    weights[4:] = [np.zeros((16, 11), np.float32), np.zeros(11, np.float32)]
    with pytest.raises(ShapeError, match="layer 2 has 10 units, but weights for 11"):
        THREE.with_weights(weights)


@pytest.mark.parametrize(
    ("description", "error", "message"),
    [
        ([], ParameterError, "a network is described by a mapping"),
        ({}, ParameterError, "the network lacks layers"),
        ({"layers": []}, ParameterError, "1 to 64 layers, not 0"),
        ({"layers": [{"units": 1, "activation": "relu"}] * 65}, ParameterError, "1 to 64 layers, not 65"),
        ({"layers": {}}, ParameterError, "layers must be a list"),
        ({"layers": ["relu"]}, ParameterError, "a layer is described by a mapping, not 'relu'"),
        ({"layers": [{"units": 1}]}, ParameterError, "the layer lacks activation"),
        ({"layers": [{"units": 0, "activation": "relu"}]}, ParameterError, "Layer.units must be at least 1, not 0"),
        ({"layers": [{"units": True, "activation": "relu"}]}, ParameterError, "Layer.units must be int, not True"),
        ({"layers": [{"units": 1, "activation": "rellu"}]}, UnknownName, "did you mean 'relu'"),
        ({"layers": [{"units": 1, "activation": ["relu"]}]}, UnknownName, "known are elu"),
        ({"layers": [{"units": 1, "activation": "relu", "bias": 0}]}, UnknownName, "key of the layer 'bias'"),
        ({"layers": [{"units": 1, "activation": "relu", "initializer": "ones"}]}, ParameterError, "by a mapping"),
        ({"layers": [{"units": 1, "activation": "relu", "initializer": {}}]}, ParameterError, "lacks name"),
        ({"layers": [], "name": "x"}, UnknownName, "key of the network 'name'"),
    ],
    ids=str,
)
def test_a_wrong_description_is_refused(description: Any, error: type[Exception], message: str) -> None:
    """The error names the wrong value and the right ones."""
    with pytest.raises(error, match=message):
        Network.from_dict(description)


def test_a_layer_takes_an_initializer_only() -> None:
    """A mapping is refused as an initializer; a list of layers is accepted for a tuple."""
    with pytest.raises(ParameterError, match=r"Layer\.initializer must be RandomUniform or RandomNormal"):
        Layer(units=1, activation="relu", initializer={"name": "ones"})  # type: ignore[arg-type]  # the point
    with pytest.raises(ParameterError, match=r"Network\.layers must be a tuple of Layer"):
        Network(layers=[1])  # type: ignore[arg-type]  # the point of the test
    assert Network(layers=list(THREE.layers)) == THREE  # type: ignore[arg-type]  # the point of the test
