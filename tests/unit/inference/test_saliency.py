"""The gradient by hand is TensorFlow's, for every activation."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from naivenet import NaiveDense, NaiveSequential
from naivenet.choices.activations import NUMPY_FUNCTIONS
from service.errors import InvalidInput
from service.inference.answers.saliency import saliency

Bytes = NDArray[np.uint8]


def network(hidden: str, last: str) -> NaiveSequential:
    """Small, with weights on both sides of zero."""
    rng = np.random.default_rng(0)
    sizes = ((784, 30, hidden), (30, 20, hidden), (20, 10, last))
    return NaiveSequential(
        NaiveDense.from_weights(
            rng.normal(0, 0.2, (before, after)).astype(np.float32), rng.normal(0, 0.1, after).astype(np.float32), name
        )
        for before, after, name in sizes
    )


@pytest.mark.parametrize("activation", sorted(NUMPY_FUNCTIONS))
@pytest.mark.parametrize("last", ["softmax", "same"])
def test_saliency_is_what_gradient_tape_finds(digit: Bytes, activation: str, last: str) -> None:
    """The saliency map equals TensorFlow's gradient for every activation, in hidden layers and in the last layer."""
    model = network(activation, activation if last == "same" else last)
    row = digit.reshape(784) / np.float32(255)
    x = tf.constant(row[np.newaxis], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = x
        for layer in model.layers:
            sums = outputs @ tf.constant(layer.W, tf.float64) + tf.constant(layer.b, tf.float64)
            outputs = layer.activation(sums)
        winner = tf.reduce_max(outputs)
    wanted = tape.gradient(winner, x).numpy().reshape(28, 28)
    found = saliency(model, row)
    assert found.shape == (28, 28)
    assert np.abs(found - wanted).max() <= 1e-5 * max(1e-3, np.abs(wanted).max())


def test_saliency_of_a_nameless_activation_is_refused(digit: Bytes) -> None:
    """The derivative of an unknown function is not available."""
    layer = NaiveDense.from_weights(np.zeros((784, 10), np.float32), np.zeros(10, np.float32), lambda x: x)
    with pytest.raises(InvalidInput, match="without a name"):
        saliency(NaiveSequential([layer]), digit.reshape(784) / np.float32(255))
