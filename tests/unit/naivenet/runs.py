"""The runs that tests of `fit` compare: a small network, the notebook's rule, and the notebook's loop in Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from naivenet import Layer, NaiveSequential, Network, fit, one_training_step

NETWORK = Network(layers=(Layer(units=16, activation="relu"), Layer(units=10, activation="softmax")))
Samples = tuple[np.ndarray, np.ndarray]
learning_rate = 0.05


def built() -> NaiveSequential:
    """Return a network that always starts with the same weights."""
    return NETWORK.build(784, seed=1)


def by_hand(gradients: Any, weights: Any) -> None:
    """Update as the notebook's cell does, at a global learning rate."""
    for g, w in zip(gradients, weights):  # noqa: B905 -- as in the notebook
        w.assign_sub(g * learning_rate)


def applied_by(optimizer: Any) -> Callable[[Any, Any], None]:
    """Return the notebook's other cell: gradients applied by an optimizer of Keras."""
    return lambda gradients, weights: optimizer.apply_gradients(zip(gradients, weights, strict=True))


def weight_bytes(model: Any) -> list[bytes]:
    """Return the bytes of each weight."""
    return [weight.numpy().tobytes() for weight in model.weights]


def eager(model: Any, samples: Samples, update: Callable[[Any, Any], Any], epochs: int = 2) -> np.ndarray:
    """Train as the notebook's cells do, in Python alone; return the losses."""
    losses = []
    for _ in range(epochs):
        for start in range(0, len(samples[0]), 128):
            batch = samples[0][start : start + 128], samples[1][start : start + 128]
            losses.append(one_training_step(model, tf.constant(batch[0]), batch[1], update))
    return np.array(losses, np.float32)


def same(model: Any, samples: Samples, expected: Any, losses: np.ndarray, **options: Any) -> None:
    """Check that `fit` gives exactly these losses and weights."""
    history = fit(model, *samples, 2, **options)
    assert history.losses.tobytes() == losses.tobytes()
    assert weight_bytes(model) == weight_bytes(expected)
