"""One layer, and several layers in order."""

import numpy as np
import pytest
import tensorflow as tf

from naivenet import NaiveDense, NaiveSequential, Network, ParameterError, ShapeError
from naivenet.choices.initializers import GlorotUniform


def test_a_layer_is_its_formula() -> None:
    """A layer computes activation(x @ W + b)."""
    layer = NaiveDense(4, 3, tf.nn.relu, seed=1)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    W, b = (weight.numpy() for weight in layer.weights)
    np.testing.assert_allclose(layer(x), np.maximum(x @ W + b, 0), rtol=1e-6, atol=1e-6)


def test_weights_start_as_in_the_notebook() -> None:
    """W is uniform from 0 to 0.1, which a float may be rounded up to; b is zeros; both are variables."""
    layer = NaiveDense(input_size=784, output_size=512, activation=tf.nn.relu)
    W, b = layer.weights
    assert isinstance(W, tf.Variable)
    assert isinstance(b, tf.Variable)
    assert (W.shape, b.shape) == ((784, 512), (512,))
    assert 0 <= W.numpy().min() < 0.001
    assert 0.099 < W.numpy().max() <= np.float32(0.1)
    assert not b.numpy().any()


def test_without_a_seed_no_two_layers_are_alike() -> None:
    """Without a seed each layer has other initial weights, with a seed the same ones."""
    a, b = (NaiveDense(9, 9, "relu").W.numpy() for _ in range(2))
    c, d = (NaiveDense(9, 9, "relu", seed=5).W.numpy() for _ in range(2))
    assert not np.array_equal(a, b)
    assert c.tobytes() == d.tobytes()


def test_another_initializer_can_be_given() -> None:
    """The initializer makes the initial W."""
    layer = NaiveDense(100, 50, "relu", initializer=GlorotUniform(), seed=1)
    assert layer.W.numpy().min() < -0.15


def test_a_layer_works_on_numpy_arrays_too() -> None:
    """A layer on arrays computes the numbers of one on variables."""
    layer = NaiveDense(784, 32, "gelu", initializer=GlorotUniform(), seed=1)
    x = np.random.default_rng(0).random((6, 784), dtype=np.float32)
    answer = layer.numpy()(x)
    assert isinstance(answer, np.ndarray)
    np.testing.assert_allclose(answer, layer(x), rtol=3e-6, atol=3e-6)


def test_a_wrong_last_axis_is_refused() -> None:
    """The error names the expected size and the given shape."""
    layer = NaiveDense(784, 10, "relu")
    for x in (np.zeros((5, 783), np.float32), tf.zeros((5, 783))):
        with pytest.raises(ShapeError, match=r"samples of 784 numbers, but the input is \(5, 783\)"):
            layer(x)
    with pytest.raises(ShapeError, match=r"but the input is \(\)"):
        layer(np.float32(1))


def test_weights_that_do_not_fit_each_other_are_refused() -> None:
    """W must be a matrix, and b as long as its rows."""
    with pytest.raises(ShapeError, match=r"not \(4, 3\) and \(4,\)"):
        NaiveDense.from_weights(np.zeros((4, 3)), np.zeros(4), "relu")
    with pytest.raises(ShapeError, match=r"not \(4,\) and \(4,\)"):
        NaiveDense.from_weights(np.zeros(4), np.zeros(4), "relu")


def test_a_layer_of_no_size_is_refused() -> None:
    """A layer has at least one input and one output."""
    with pytest.raises(ShapeError, match="at least 1, not 784 and 0"):
        NaiveDense(784, 0, "relu")


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_what_is_no_seed_is_refused(seed: object) -> None:
    """A seed must be a whole number of at least 0."""
    with pytest.raises(ParameterError, match="a seed must be a whole number of at least 0"):
        NaiveDense(4, 4, "relu", seed=seed)  # type: ignore[arg-type]  # the point of the test


def test_a_network_calls_its_layers_in_order() -> None:
    """A network calls its layers in order, and has all their weights in order."""
    layers = [NaiveDense(4, 5, "relu"), NaiveDense(5, 6, "tanh"), NaiveDense(6, 3, "softmax")]
    model = NaiveSequential(layers)
    x = tf.ones((2, 4))
    np.testing.assert_array_equal(model(x), layers[2](layers[1](layers[0](x))))
    assert [tuple(weight.shape) for weight in model.weights] == [(4, 5), (5,), (5, 6), (6,), (6, 3), (3,)]
    assert model.weights[2] is layers[1].W


def test_layers_that_do_not_fit_are_refused() -> None:
    """The error names both layers and both sizes."""
    with pytest.raises(ShapeError, match="layer 0 returns 5 numbers for each sample, but layer 1 takes 6"):
        NaiveSequential([NaiveDense(4, 5, "relu"), NaiveDense(6, 3, "relu")])


def test_a_network_of_no_layers_is_refused() -> None:
    """A network has at least one layer."""
    with pytest.raises(ShapeError, match="at least one layer"):
        NaiveSequential([])


def test_the_numpy_network_is_a_copy() -> None:
    """Training does not change a copy on NumPy arrays."""
    model = NaiveSequential([NaiveDense(4, 3, "softmax", seed=1)])
    copied = model.numpy()
    before = copied.weights[0].copy()
    model.weights[0].assign_add(tf.ones((4, 3)))
    assert isinstance(copied.weights[0], np.ndarray)
    np.testing.assert_array_equal(copied.weights[0], before)


def test_a_network_on_numpy_gives_the_same_numbers() -> None:
    """Three layers compute the same numbers on arrays and on tensors."""
    sizes = [(784, 64, "selu"), (64, 32, "silu"), (32, 10, "softmax")]
    model = NaiveSequential(NaiveDense(*each, initializer=GlorotUniform(), seed=1) for each in sizes)
    x = np.random.default_rng(0).random((7, 784), dtype=np.float32)
    np.testing.assert_allclose(model.numpy()(x), model(x), atol=1e-6)


def test_a_function_without_a_name_cannot_be_described() -> None:
    """A network with a user's activation works, but cannot be described; the error names the layer."""
    model = NaiveSequential([NaiveDense(4, 3, "relu"), NaiveDense(3, 3, lambda x: x * 2)])
    with pytest.raises(ParameterError, match="layer 1 cannot be described"):
        Network.of(model)
