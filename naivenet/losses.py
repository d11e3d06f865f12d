"""How wrong a prediction is: the cross-entropy between the label and the probabilities."""

from typing import Any

import numpy as np

from naivenet.backend import tf

EPSILON = 1e-7


def sparse_categorical_crossentropy(labels: Any, probabilities: Any) -> Any:
    """Loss of each sample, ``-log`` of the probability that its label got.

    Bit for bit what Keras's function of this name answers eagerly: probabilities are kept 1e-7 away from 0
    and 1, and scaled to a sum of 1. (Inside a graph Keras's looks for the logits behind a softmax instead, so
    that its losses there differ; this one is the same everywhere.)

    Shapes:
        labels: (samples,).
        probabilities: (samples, classes).
        returns: (samples,).
    """
    if isinstance(probabilities, np.ndarray):
        return _on_numpy(labels, probabilities)
    clipped = tf.clip_by_value(probabilities, EPSILON, 1 - EPSILON)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(labels, tf.int64), logits=tf.math.log(clipped))


def _on_numpy(labels: Any, probabilities: Any) -> Any:
    clipped = np.clip(probabilities, np.float32(EPSILON), np.float32(1 - EPSILON))
    chosen = clipped[np.arange(len(labels)), labels]
    return np.log(clipped.sum(axis=-1)) - np.log(chosen)
