"""Layers, initializers and activations as students type them."""

import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from naivenet import (
    Activation,
    Constant,
    GlorotUniform,
    HeNormal,
    Layer,
    MissingPart,
    NaiveDense,
    NaiveSequential,
    Network,
    Orthogonal,
    ParameterError,
    RandomNormal,
    ShapeError,
    UnknownName,
    from_safetensors,
    get_optimizer,
    input_gradient,
    load_weights,
    to_npz,
    to_safetensors,
)
from naivenet.choices.initializers import INITIALIZERS
from tests.unit.naivenet.students import Doubled, Flatten, ForgottenProperty, OwnDense, WithoutWeights


def he_weights(shape: tuple[int, int]) -> Any:
    """Return weights as Keras draws them for relu."""
    return keras.initializers.HeNormal(seed=1)(shape)


# ------------------------------------------------------------------------------------------------ initial weights


@pytest.mark.parametrize(
    ("initializer", "expected"),
    [
        ("zeros", lambda W: not W.any()),
        ("HeNormal", lambda W: 0.1 < W.std() < 0.3),
        ("lecun_normal", lambda W: 0.1 < W.std() < 0.3),
        (HeNormal, lambda W: 0.1 < W.std() < 0.3),
        (RandomNormal(stddev=0.01), lambda W: 0.005 < W.std() < 0.02),
        (keras.initializers.Constant(0.5), lambda W: (W == 0.5).all()),
        (keras.initializers.HeNormal(seed=1), lambda W: np.array_equal(W, he_weights((40, 30)))),
        (keras.initializers.GlorotUniform, lambda W: 0 < abs(W).max() < 0.3),
        (lambda shape: tf.random.normal(shape, stddev=0.01), lambda W: 0.005 < W.std() < 0.02),
        (np.zeros, lambda W: not W.any()),
        (tf.ones, lambda W: (W == 1).all()),
        (lambda shape: np.full(shape, 3), lambda W: (W == 3).all()),
        (he_weights, lambda W: np.array_equal(W, he_weights((40, 30)))),
        (None, lambda W: 0 <= W.min() < W.max() <= np.float32(0.1)),
    ],
)
def test_an_initializer_is_ours_a_name_keras_or_a_function(initializer: Any, expected: Callable[[Any], bool]) -> None:
    """Weights come from each kind of initializer, as float32."""
    W = NaiveDense(40, 30, "relu", initializer=initializer).W.numpy()
    assert W.dtype == np.float32
    assert expected(W)


@pytest.mark.parametrize(
    ("initializer", "message"),
    [
        (lambda shape: np.zeros(shape[::-1]), r"<lambda> must return weights of shape \(4, 3\), not \(3, 4\)"),
        (lambda shape: np.full(shape, np.nan), "must return finite numbers"),
        (lambda shape: np.full(shape, "a"), "must return finite numbers"),
        (lambda: 0, r"<lambda> cannot be called with the shape \(4, 3\)"),
        (np.zeros((4, 3)), "not ndarray; NaiveDense.from_weights makes a layer from existing weights"),
        (0, "not int"),
    ],
)
def test_an_initializer_that_makes_no_weights_is_refused(initializer: Any, message: str) -> None:
    """The error says what the initializer returned, and what it should return."""
    with pytest.raises(ParameterError, match=message):
        NaiveDense(4, 3, "relu", initializer=initializer)


def test_an_unknown_initializer_is_refused_with_a_suggestion() -> None:
    """The error for a misspelt name suggests a similar one."""
    with pytest.raises(UnknownName, match="did you mean 'he_normal'"):
        NaiveDense(4, 3, "relu", initializer="he_normall")


def test_a_seed_for_an_initializer_that_ignores_it_is_refused() -> None:
    """A seed of the layer cannot change what a function draws."""
    with pytest.raises(ParameterError, match="give the seed to the initializer itself"):
        NaiveDense(4, 3, "relu", initializer=keras.initializers.HeNormal(), seed=1)


def test_tensorflows_seed_gives_the_notebooks_weights() -> None:
    """After `tf.random.set_seed`, layers hold the bits of the notebook's own layers that are built in that order."""
    tf.random.set_seed(1)
    theirs = [OwnDense(784, 512, tf.nn.relu), OwnDense(512, 10, tf.nn.softmax)]
    tf.random.set_seed(1)
    ours = [NaiveDense(784, 512, "relu"), NaiveDense(512, 10, "softmax")]
    tf.random.set_seed(1)
    built = Network(layers=(Layer(units=512, activation="relu"), Layer(units=10, activation="softmax")))
    for layers in (ours, built.build(784, seed=None).layers):
        for one, other in zip(layers, theirs, strict=True):
            assert one.W.numpy().tobytes() == other.W.numpy().tobytes()
            assert one.b.numpy().tobytes() == other.b.numpy().tobytes()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_tensorflows_seed_repeats_every_initializer(name: str) -> None:
    """Without a seed of its own, a layer draws from TensorFlow's generator."""
    drawn = []
    for seed in (1, 1, 2):
        tf.random.set_seed(seed)
        drawn.append(NaiveDense(20, 10, "relu", initializer=name).W.numpy())
    assert drawn[0].tobytes() == drawn[1].tobytes()
    assert np.array_equal(drawn[0], drawn[2]) == (name in {"zeros", "ones", "constant"})


def test_constant_weights_draw_nothing() -> None:
    """A layer of zeros leaves TensorFlow's generator as it is, as `tf.zeros` does."""
    tf.random.set_seed(1)
    alone = NaiveDense(5, 4, "relu").W.numpy()
    tf.random.set_seed(1)
    NaiveDense(5, 4, "relu", initializer="zeros")
    assert np.array_equal(NaiveDense(5, 4, "relu").W.numpy(), alone)


# ------------------------------------------------------------------------------------------------ activations


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        (None, "linear"),
        ("ReLU", "relu"),
        ("LeakyReLU", "leaky_relu"),
        (tf.nn.tanh, "tanh"),
        (tf.tanh, "tanh"),
        (tf.keras.activations.relu, "relu"),
        *[
            (getattr(keras.activations, name), name)
            for name in ("elu", "gelu", "linear", "selu", "softmax", "softplus")
        ],
        (keras.layers.ReLU(), "relu"),
        (keras.layers.Softmax(), "softmax"),
        (keras.layers.Activation("tanh"), "tanh"),
    ],
)
def test_known_functions_are_saved_by_their_names(activation: Any, name: Any) -> None:
    """A function of TensorFlow or Keras is recognised, computes the same numbers, and survives saving."""
    layer = NaiveDense(6, 5, activation, initializer=RandomNormal(stddev=1.0), seed=1)
    assert layer.activation == Activation(name)
    x = np.random.default_rng(1).normal(size=(7, 6)).astype(np.float32)
    theirs = (activation if callable(activation) else layer.activation)(tf.constant(x @ layer.W.numpy()))
    np.testing.assert_allclose(layer(tf.constant(x)), theirs, rtol=1e-6, atol=1e-6)
    loaded = from_safetensors(to_safetensors(NaiveSequential([layer])))
    assert loaded.layers[0].activation == Activation(name)


@pytest.mark.parametrize(
    "activation",
    [lambda x: tf.maximum(x, -0.1), "mish", keras.activations.hard_sigmoid, keras.layers.ReLU(max_value=3.0)],
)
def test_other_functions_are_used_and_not_saved(activation: Any) -> None:
    """Any other function is used as it is; saving names its layer."""
    model = NaiveSequential([NaiveDense(4, 4, "relu"), NaiveDense(4, 3, activation)])
    assert np.isfinite(model(tf.ones((2, 4))).numpy()).all()
    with pytest.raises(ParameterError, match="layer 1 cannot be described: its activation is a function"):
        to_safetensors(model)


def test_a_class_as_activation_is_refused() -> None:
    """The error says how to make an object of it."""
    with pytest.raises(ParameterError, match=re.escape("not a class; write ReLU()")):
        NaiveDense(4, 3, keras.layers.ReLU)


# ------------------------------------------------------------------------------------------------ layers


def test_a_network_takes_any_layer() -> None:
    """A network of other layers calls them in order and has all their weights."""
    own, ours = OwnDense(6, 5, tf.nn.relu), NaiveDense(5, 3, "softmax")
    model = NaiveSequential([Flatten(), own, ours])
    x = tf.ones((2, 2, 3))
    assert np.array_equal(model(x), ours(own(tf.ones((2, 6)))))
    assert [id(weight) for weight in model.weights] == [id(weight) for weight in (own.W, own.b, ours.W, ours.b)]
    assert model.output_size == 3
    load_weights(model, [np.ones(weight.shape, np.float32) for weight in model.weights])
    assert (own.W.numpy() == 1).all()


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        (lambda: NaiveDense(4, 3, "relu"), ParameterError, "needs a list of layers"),
        (lambda: [NaiveDense], ParameterError, "layer 0 is the class NaiveDense; make an object"),
        (lambda: [NaiveDense(4, 3, "relu"), "softmax"], ParameterError, "layer 1 cannot be called: str needs"),
        (lambda: [NaiveDense(4, 3, "relu"), tf.nn.relu], ParameterError, "layer 1 has no weights: .* an empty list"),
        (lambda: [WithoutWeights()], ParameterError, "WithoutWeights needs an attribute `weights`"),
        (lambda: [ForgottenProperty()], ParameterError, "weights of layer 0 are a method: write @property"),
        (lambda: [NaiveDense(4, 5, "relu"), NaiveDense(6, 3, "relu")], ShapeError, "layer 0 returns 5 .* 1 takes 6"),
    ],
)
def test_what_is_no_layer_is_refused(layers: Callable[[], Any], error: type[Exception], message: str) -> None:
    """The error names the layer, and what it lacks."""
    with pytest.raises(error, match=message):
        NaiveSequential(layers())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (to_safetensors, "layer 1 .OwnDense. .* it has no input_size, output_size"),
        (to_npz, "layer 1 .OwnDense."),
        (Network.of, "layer 1 .OwnDense."),
        (lambda model: input_gradient(model, np.ones(4, np.float32)), "layer 1 .OwnDense."),
        (lambda model: model.numpy(), "layer 1 .OwnDense. has no numpy"),
        (lambda model: model.output_size, "layer 1 .OwnDense. has no output_size"),
    ],
    ids=["to_safetensors", "to_npz", "Network.of", "input_gradient", "numpy", "output_size"],
)
def test_what_needs_more_says_so_when_it_is_asked_for(call: Callable[[Any], Any], message: str) -> None:
    """The error names the layer and what it lacks."""
    model = NaiveSequential([NaiveDense(4, 5, "relu"), OwnDense(5, 3, tf.nn.softmax)])
    with pytest.raises(MissingPart, match=message):
        call(model)


def test_a_subclass_that_computes_otherwise_is_not_saved_as_a_dense_layer() -> None:
    """A layer that changed what it computes would not be the same after loading."""
    with pytest.raises(MissingPart, match=r"layer 0 .Doubled. .* has a __call__ of its own"):
        to_safetensors(NaiveSequential([Doubled(4, 3, "relu")]))


def test_another_class_of_network_is_not_saved() -> None:
    """The error says what can be saved instead."""
    model: Any = OwnDense(4, 3, tf.nn.relu)
    with pytest.raises(MissingPart, match=r"the model .OwnDense. trains and predicts, but .* naivenet.NaiveSequential"):
        to_safetensors(model)


def test_an_initializer_of_keras_is_described_as_ours() -> None:
    """A description has the initializer of the same distribution; a function becomes the default."""
    chosen: list[Any] = [keras.initializers.Orthogonal(gain=2.0), keras.initializers.Constant(0.5), np.zeros]
    layers = [NaiveDense(4, 4, "relu", initializer=each) for each in chosen]
    described = Network.of(NaiveSequential(layers))
    assert [layer.initializer for layer in described.layers[:2]] == [Orthogonal(gain=2.0), Constant(value=0.5)]
    assert described.layers[2].initializer.name == "random_uniform"


def test_names_may_have_any_case_and_numbers_may_be_numpys() -> None:
    """Names are found as Keras finds them, and a NumPy number is a number."""
    assert get_optimizer("Adam") == get_optimizer("adam")
    assert get_optimizer("SGD", learning_rate=np.float32(0.5)).learning_rate == 0.5
    assert NaiveDense(4, 3, "relu", initializer="GlorotUniform").initializer == GlorotUniform()
