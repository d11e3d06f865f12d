"""Optimizers: the notebook's rule compared with its formula, the others with Keras."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from naivenet import OPTIMIZERS, CheckpointError, UnknownName, get_optimizer, make_updater, update_weights

KERAS: dict[str, tuple[Any, dict[str, Any]]] = {
    "sgd": (keras.optimizers.SGD, {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    "adam": (keras.optimizers.Adam, {"learning_rate": 0.01, "amsgrad": True}),
    "adamw": (keras.optimizers.AdamW, {"learning_rate": 0.01, "weight_decay": 0.1}),
    "rmsprop": (keras.optimizers.RMSprop, {"learning_rate": 0.01, "momentum": 0.5, "centered": True}),
    "adagrad": (keras.optimizers.Adagrad, {"learning_rate": 0.1, "initial_accumulator_value": 0.2}),
    "adadelta": (keras.optimizers.Adadelta, {"learning_rate": 0.5, "rho": 0.9}),
    "adamax": (keras.optimizers.Adamax, {"learning_rate": 0.01, "beta_1": 0.8}),
    "nadam": (keras.optimizers.Nadam, {"learning_rate": 0.01, "beta_2": 0.99}),
    "lion": (keras.optimizers.Lion, {"learning_rate": 0.01, "beta_2": 0.9}),
    "ftrl": (keras.optimizers.Ftrl, {"learning_rate": 0.1, "l2_regularization_strength": 0.1}),
}

#: The optimizers that run by one kernel, which rounds in another order.
LAST_PLACES = {"adam", "adamw"}


def variables() -> list[tf.Variable]:
    """Return two weights, always the same."""
    rng = np.random.default_rng(0)
    return [tf.Variable(rng.normal(size=shape).astype(np.float32)) for shape in [(4, 3), (3,)]]


def gradients(step: int) -> list[tf.Tensor]:
    """Return their gradients, different at each step."""
    rng = np.random.default_rng([1, step])
    return [tf.constant(rng.normal(size=shape).astype(np.float32)) for shape in [(4, 3), (3,)]]


def test_every_optimizer_is_compared() -> None:
    """Every optimizer is compared."""
    assert {*KERAS, "naive"} == set(OPTIMIZERS)


def test_update_weights_is_its_formula() -> None:
    """Each weight moves by its gradient times the learning rate."""
    weights = variables()
    before = [weight.numpy() for weight in weights]
    update_weights(gradients(0), weights, learning_rate=0.5)
    for weight, old, gradient in zip(weights, before, gradients(0), strict=True):
        np.testing.assert_allclose(weight, old - 0.5 * gradient.numpy(), rtol=1e-6)


def test_update_weights_takes_sparse_gradients() -> None:
    """A gradient as IndexedSlices moves only the rows that it names."""
    weight = tf.Variable(np.ones((3, 2), np.float32))
    slices = tf.IndexedSlices(tf.ones((2, 2)), tf.constant([0, 0]), tf.constant([3, 2]))
    update_weights([slices], [weight], learning_rate=0.1)
    np.testing.assert_allclose(weight, [[0.8, 0.8], [1, 1], [1, 1]], rtol=1e-6)


@pytest.mark.parametrize("name", KERAS)
def test_an_optimizer_is_keras_own(name: str) -> None:
    """Ten steps give exactly the weights of Keras's optimizer; Adam and AdamW within rounding."""
    cls, parameters = KERAS[name]
    ours, theirs = variables(), variables()
    update, optimizer = make_updater(get_optimizer(name, **parameters), ours), cls(**parameters)
    for step in range(10):
        update(gradients(step), ours)
        optimizer.apply_gradients(zip(gradients(step), theirs, strict=True))
    for our, their, start in zip(ours, theirs, variables(), strict=True):
        np.testing.assert_allclose(our, their, rtol=0, atol=1e-6 if name in LAST_PLACES else 0)
        assert not np.allclose(our, start, atol=1e-3)


@pytest.mark.parametrize("name", KERAS)
def test_the_defaults_are_keras(name: str) -> None:
    """The defaults are Keras's, except the learning rate of SGD, which is the notebook's."""
    made, theirs = get_optimizer(name), KERAS[name][0]().get_config()
    ours = {key: value for key, value in vars(made).items() if key not in ("name", "learning_rate")}
    assert {key: theirs[key] for key in ours} == ours
    assert made.learning_rate == pytest.approx(0.001 if name == "sgd" else theirs["learning_rate"])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_restored_slots_go_on_exactly(name: str) -> None:
    """An updater that is saved after five steps and restored continues exactly."""
    weights = variables()
    update = make_updater(get_optimizer(name), weights)
    for step in range(5):
        update(gradients(step), weights)
    copies = [tf.Variable(weight) for weight in weights]
    again = make_updater(get_optimizer(name), copies)
    again.restore(update.slots())
    for step in range(5, 10):
        update(gradients(step), weights)
        again(gradients(step), copies)
    for weight, copied in zip(weights, copies, strict=True):
        np.testing.assert_array_equal(weight, copied)


def test_slots_of_something_else_are_refused() -> None:
    """Slots of another optimizer, or for other weights, are refused with both lists of shapes."""
    adam, sgd = make_updater(get_optimizer("adam"), variables()), make_updater(get_optimizer("sgd"), variables())
    with pytest.raises(CheckpointError, match="slots are"):
        sgd.restore(adam.slots())
    with pytest.raises(CheckpointError, match="slots are"):
        adam.restore([slot[..., None] for slot in adam.slots()])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_new_learning_rate_holds_in_a_graph(name: str) -> None:
    """A learning rate that is set between two calls of a graph holds without a new trace."""
    weights = [tf.Variable(tf.ones(3))]
    update = make_updater(get_optimizer(name, learning_rate=0.5), weights)
    assert update.learning_rate == pytest.approx(0.5)
    compiled = tf.function(lambda: update([tf.ones(3)], weights))
    compiled()
    update.learning_rate = 1e-30 if name == "ftrl" else 0.0
    before = weights[0].numpy()
    compiled()
    if name != "ftrl":
        np.testing.assert_array_equal(weights[0], before)
    assert update.learning_rate == pytest.approx(0.0)
    assert compiled.experimental_get_tracing_count() == 1


def test_an_unknown_optimizer_is_refused_with_a_suggestion() -> None:
    """The error for a misspelt name suggests a similar name."""
    with pytest.raises(UnknownName, match="did you mean 'adam'"):
        get_optimizer("adamm")
