"""A momentum that changes during training: Keras's numbers bit for bit, and no new trace."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from naivenet import ParameterError, get_optimizer, make_updater

KERAS: dict[str, tuple[Any, dict[str, Any]]] = {
    "sgd": (keras.optimizers.SGD, {"learning_rate": 0.1}),
    "sgd, nesterov": (keras.optimizers.SGD, {"learning_rate": 0.1, "nesterov": True}),
    "rmsprop": (keras.optimizers.RMSprop, {"learning_rate": 0.01}),
    "rmsprop, centered": (keras.optimizers.RMSprop, {"learning_rate": 0.01, "centered": True}),
}


def variables() -> list[tf.Variable]:
    """Return two weights, always the same."""
    rng = np.random.default_rng(0)
    return [tf.Variable(rng.normal(size=shape).astype(np.float32)) for shape in [(40, 30), (30,)]]


def gradients(step: int) -> list[tf.Tensor]:
    """Return their gradients, different at each step."""
    rng = np.random.default_rng([1, step])
    return [tf.constant(rng.normal(size=shape).astype(np.float32)) for shape in [(40, 30), (30,)]]


def in_a_graph(update: Any, weights: list[tf.Variable]) -> Any:
    """Return the update as a compiled function."""
    return tf.function(lambda *given: update(list(given), weights), autograph=False)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("name", KERAS)
def test_the_numbers_are_keras_own_in_a_graph(name: str, momentum: float) -> None:
    """With and without momentum, ten steps in a graph give the bytes of Keras's optimizer in a graph."""
    cls, parameters = KERAS[name]
    ours, theirs = variables(), variables()
    updater = make_updater(get_optimizer(name.split(",", maxsplit=1)[0], **parameters, momentum=momentum), ours)
    optimizer = cls(**parameters, momentum=momentum)
    optimizer.build(theirs)
    step_ours = in_a_graph(updater, ours)
    step_theirs = in_a_graph(lambda given, weights: optimizer.apply(given, weights) and None, theirs)
    for step in range(10):
        step_ours(*gradients(step))
        step_theirs(*gradients(step))
    assert [weight.numpy().tobytes() for weight in ours] == [weight.numpy().tobytes() for weight in theirs]


@pytest.mark.parametrize("name", KERAS)
def test_a_new_momentum_is_keras_with_that_momentum(name: str) -> None:
    """A new momentum, without a new trace, gives the bytes of Keras's optimizer with that momentum."""
    cls, parameters = KERAS[name]
    ours, theirs = variables(), variables()
    updater = make_updater(get_optimizer(name.split(",", maxsplit=1)[0], **parameters, momentum=0.9), ours)
    optimizer = cls(**parameters, momentum=0.9)
    optimizer.build(theirs)
    compiled = in_a_graph(updater, ours)
    for momentum in (0.9, 0.5):
        updater.momentum = optimizer.momentum = momentum
        anew = in_a_graph(lambda given, weights: optimizer.apply(given, weights) and None, theirs)
        for step in range(5):
            compiled(*gradients(step))
            anew(*gradients(step))
    assert [weight.numpy().tobytes() for weight in ours] == [weight.numpy().tobytes() for weight in theirs]
    assert compiled.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("name", ["sgd", "rmsprop"])
def test_momentum_can_be_turned_on_and_off(name: str) -> None:
    """A momentum that is turned on starts from velocity 0; turned off, it leaves no velocity and no slot."""
    weights = variables()
    updater = make_updater(get_optimizer(name, learning_rate=0.1), weights)
    compiled, slots = in_a_graph(updater, weights), len(updater.slots())
    compiled(*gradients(0))
    updater.momentum = 0.9
    compiled(*gradients(1))
    assert len(updater.slots()) == slots + 2
    assert all(slot.any() for slot in updater.slots())
    updater.momentum = 0.0
    assert len(updater.slots()) == slots
    updater.momentum = 0.9
    assert not any(slot.any() for slot in updater.slots()[-2:])
    assert compiled.experimental_get_tracing_count() == 1


def test_an_optimizer_without_momentum_takes_none() -> None:
    """Adam refuses a momentum."""
    updater = make_updater(get_optimizer("adam"), variables())
    assert updater.momentum is None
    with pytest.raises(ParameterError, match="no momentum"):
        updater.momentum = 0.5
