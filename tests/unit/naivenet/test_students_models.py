"""`fit` with the models and layers that students write, and the models that it refuses."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import naivenet
from naivenet import (
    Activation,
    NaiveDense,
    NaivenetWarning,
    NaiveSequential,
    ParameterError,
    ShapeError,
    accuracy,
    evaluate,
    fit,
    from_safetensors,
    one_training_step,
    predict,
    predicted_labels,
    to_safetensors,
)
from tests.unit.naivenet.runs import Samples, built, eager, same, weight_bytes
from tests.unit.naivenet.students import Doubled, Dropout, Flatten, ListedDense, OwnDense, OwnSequential, Scale


@dataclasses.dataclass
class Listed:
    """A model as a dataclass, which has no hash."""

    layers: list[Any]

    def __call__(self, x: Any) -> Any:
        """Call the layers in order."""
        return functools.reduce(lambda x, layer: layer(x), self.layers, x)

    @property
    def weights(self) -> list[Any]:
        """The weights of all layers."""
        return [weight for layer in self.layers for weight in layer.weights]


def own_network(first: Any = None) -> list[Any]:
    """Return the notebook's layers."""
    tf.random.set_seed(1)
    return [first or OwnDense(784, 16, tf.nn.relu), OwnDense(16, 10, tf.nn.softmax)]


@pytest.mark.parametrize("network", [NaiveSequential, OwnSequential, Listed])
def test_the_notebooks_own_classes_train_compiled(small: Samples, network: Any) -> None:
    """The notebook's layers, in our network or its own, give the losses of our layers and of Python, bit for bit."""
    model, python = network(own_network()), network(own_network())
    losses = eager(python, small, naivenet.update_weights)
    same(model, small, python, losses)
    tf.random.set_seed(1)
    ours = NaiveSequential([NaiveDense(784, 16, "relu"), NaiveDense(16, 10, "softmax")])
    same(ours, small, python, losses)
    assert np.array_equal(predict(model, small[0]), model(small[0]))
    assert accuracy(small[1], predicted_labels(predict(model, small[0]))) == evaluate(model, *small).accuracy


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [ListedDense(784, 16), OwnDense(16, 10, tf.nn.softmax)],
        lambda: [OwnDense(784, 16, tf.nn.relu), Scale(16), NaiveDense(16, 10, "softmax")],
        lambda: [NaiveDense(784, 16, "relu"), Dropout(0.2), NaiveDense(16, 10, "softmax")],
        lambda: [keras.layers.Dense(16, "relu"), NaiveDense(16, 10, "softmax")],
        lambda: [NaiveDense(784, 16, "relu"), keras.layers.Dense(10, "softmax"), Scale(10)],
        lambda: [NaiveSequential([NaiveDense(784, 16, "relu")]), NaiveDense(16, 10, "softmax")],
        lambda: [Doubled(784, 16, "relu"), NaiveDense(16, 10, "softmax")],
        lambda: [NaiveDense(784, 16, lambda x: tf.maximum(0.1 * x, x)), NaiveDense(16, 10, "softmax")],
    ],
    ids=["listed", "scale", "dropout", "keras", "keras last", "nested", "subclass", "lambda"],
)
@pytest.mark.parametrize("optimizer", ["adam", keras.optimizers.SGD])
def test_any_layer_trains_compiled(small: Samples, layers: Callable[[], list[Any]], optimizer: Any) -> None:
    """Every weight of every layer changes, and the loss falls."""
    tf.random.set_seed(2)
    model = NaiveSequential(layers())
    predict(model, small[0])  # layers of Keras make their weights when they are called
    before = weight_bytes(model)
    history = fit(model, *small, 5, 32, optimizer=optimizer, learning_rate=0.01, validation=small)
    assert len(before) == len(model.weights)
    assert not set(before) & set(weight_bytes(model))
    assert history.losses[-1] < history.losses[0]
    assert history.epochs[-1].validation_accuracy == evaluate(model, *small).accuracy or isinstance(
        model.layers[1], Dropout
    )


def test_layers_that_make_their_weights_late_are_trained(small: Samples) -> None:
    """A layer of Keras between two of ours has its weights before the first step."""
    model = NaiveSequential([NaiveDense(784, 16, "relu"), keras.layers.Dense(12), NaiveDense(12, 10, "softmax")])
    fit(model, *small, 1)
    assert [tuple(weight.shape) for weight in model.weights] == [(784, 16), (16,), (16, 12), (12,), (12, 10), (10,)]


def test_a_frozen_layer_stays_as_it_is(small: Samples) -> None:
    """Weights that are not trainable are left out."""
    frozen = NaiveDense.from_weights(*(tf.Variable(w, trainable=False) for w in built().layers[0].weights), "relu")
    model = NaiveSequential([frozen, built().layers[1]])
    fit(model, *small, 1, optimizer="adam")
    assert weight_bytes(frozen) == weight_bytes(built().layers[0])
    assert weight_bytes(model) != weight_bytes(built())


def test_square_images_need_a_layer_that_flattens_them(mnist: Any) -> None:
    """The notebook's layers take images as they are; the error says to reshape, and a Flatten layer does."""
    images, labels = mnist.x_train[:200], mnist.y_train[:200]
    with pytest.raises(ShapeError, match=r"cannot take images of shape \(28, 28\); reshape them"):
        fit(NaiveSequential(own_network()), images, labels, 1)
    fit(NaiveSequential([Flatten(), *own_network()]), images, labels, 1)


class Stopped(OwnDense):
    """A layer through which no gradient passes to W."""

    def __call__(self, inputs: Any) -> Any:
        """Compute the outputs from a copy of W."""
        return self.activation(tf.matmul(inputs, tf.stop_gradient(self.W)) + self.b)


class OnArrays(OwnDense):
    """A layer on NumPy arrays."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__(*sizes)
        self.W, self.b = self.W.numpy(), self.b.numpy()


def doubles(*sizes: Any) -> OwnDense:
    """Return a layer with weights of NumPy's default dtype."""
    layer = OwnDense(*sizes)
    layer.W = tf.Variable(layer.W.numpy().astype("float64"))
    return layer


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (own_network, ParameterError, r"a list of layers: write NaiveSequential\(\[\.\.\.\]\)"),
        (lambda: NaiveSequential, ParameterError, "the model is the class NaiveSequential"),
        (lambda: tf.nn.softmax, ParameterError, "the model has no weights"),
        (lambda: NaiveSequential(own_network(OnArrays(784, 16, tf.nn.relu))), ParameterError, "weight 0 is a ndarray"),
        (lambda: NaiveSequential(own_network(doubles(784, 16, tf.nn.relu))), ParameterError, "weight 0 is float64"),
        (lambda: NaiveSequential([Flatten(), tf.keras.layers.Softmax()]), ParameterError, "has no weights to train"),
        (
            lambda: NaiveSequential(own_network(Stopped(784, 16, tf.nn.relu))),
            ParameterError,
            r"weight 0, .* no gradient",
        ),
        (
            lambda: NaiveSequential([OwnDense(784, 16, tf.nn.relu), OwnDense(17, 10, tf.nn.softmax)]),
            ShapeError,
            "incomp",
        ),
        (lambda: NaiveSequential([OwnDense(784, 10, tf.reduce_sum)]), ShapeError, r"one row .* it returns \(\)"),
        (
            lambda: built().numpy(),
            ParameterError,
            "on NumPy arrays or tensors cannot be trained; build it on TensorFlow",
        ),
    ],
    ids=["list", "class", "function", "arrays", "doubles", "no weights", "stopped", "sizes", "scalar", "numpy"],
)
def test_models_that_cannot_train_are_refused(
    small: Samples, model: Callable[[], Any], error: type[Exception], message: str
) -> None:
    """The error names the weight or the shape, and what to do."""
    with pytest.raises(error, match=message):
        fit(model(), *small, 1)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_layer_that_is_used_twice_moves_once_in_a_step(*, compiled: bool) -> None:
    """Its gradient is the sum over both places, and it is applied once."""
    x, y = np.random.default_rng(1).random((6, 4), dtype=np.float32), np.arange(6) % 4
    layer = NaiveDense(4, 4, "softmax", seed=1)
    W = tf.constant(layer.W)
    with tf.GradientTape() as tape:
        tape.watch(W)
        probabilities = tf.nn.softmax(tf.nn.softmax(x @ W) @ W)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, probabilities))
    expected = W - 0.5 * tape.gradient(loss, W)

    fit(NaiveSequential([layer, layer]), x, y, 1, learning_rate=0.5, compiled=compiled)

    np.testing.assert_allclose(layer.W, expected, rtol=1e-5)


class WithFlag(Dropout):
    """A layer that drops numbers when it is called with training=True."""

    def __call__(self, x: Any, training: bool = False) -> Any:  # noqa: FBT001, FBT002 -- as students write it
        """Drop some numbers."""
        return super().__call__(x) if training else x


@pytest.mark.parametrize("layer", [WithFlag(0.5), keras.layers.Dropout(0.5)], ids=["own", "keras"])
def test_a_dropout_that_waits_for_training_gets_a_warning(small: Samples, layer: Any) -> None:
    """It would drop nothing, and the numbers would not show it."""
    model = NaiveSequential([built().layers[0], layer, built().layers[1]])
    with pytest.warns(NaivenetWarning, match=r"layer 1 \(.*\) is called without training=True"):
        fit(model, *small, 1)


def test_an_activation_that_was_assigned_later_is_saved() -> None:
    """Saving knows a function of `tf.nn`, however it came into the layer."""
    model = built()
    model.layers[0].activation = tf.nn.tanh
    del model.layers[0].initializer  # as in a subclass with an __init__ of its own
    assert from_safetensors(to_safetensors(model)).layers[0].activation == Activation("tanh")


def test_a_step_on_arrays_is_refused_with_a_sentence() -> None:
    """A network that was read from a file is on arrays."""
    with pytest.raises(ParameterError, match="build it on TensorFlow variables"):
        one_training_step(built().numpy(), np.ones((2, 784), np.float32), np.array([0, 1]))
