"""The loss, compared with Keras's."""

import keras
import numpy as np
import tensorflow as tf

from naivenet import sparse_categorical_crossentropy

rng = np.random.default_rng(0)
LABELS = rng.integers(0, 10, 500)
PROBABILITIES = tf.nn.softmax(rng.normal(0, 30, (500, 10)).astype(np.float32))


def test_the_loss_is_keras_bit_for_bit() -> None:
    """On probabilities, some of them 0 and 1, the loss equals Keras's eager loss bit for bit."""
    theirs = keras.losses.sparse_categorical_crossentropy(LABELS, PROBABILITIES)
    np.testing.assert_array_equal(sparse_categorical_crossentropy(LABELS, PROBABILITIES), theirs)


def test_the_loss_in_a_graph_is_the_loss_outside() -> None:
    """The loss in a graph equals the loss outside, even after a softmax."""
    logits = tf.constant(rng.normal(0, 30, (500, 10)).astype(np.float32))

    def loss() -> tf.Tensor:
        return sparse_categorical_crossentropy(LABELS, tf.nn.softmax(logits))

    np.testing.assert_array_equal(tf.function(loss)(), loss())


def test_the_loss_on_numpy_is_that_on_tensorflow() -> None:
    """An array gives the same loss as a tensor."""
    ours = sparse_categorical_crossentropy(LABELS, PROBABILITIES.numpy())
    np.testing.assert_allclose(ours, sparse_categorical_crossentropy(LABELS, PROBABILITIES), rtol=1e-5, atol=1e-6)
