"""The loss: the cross-entropy between a label and the predicted probabilities."""

import numpy as np

from naivenet.backend import Tensor, tf
from naivenet.errors import ShapeError

EPSILON = 1e-7


def sparse_categorical_crossentropy(labels: Tensor, probabilities: Tensor) -> Tensor:
    """Return the loss of each sample: ``-log`` of the probability of its label.

    Probabilities are clipped to [1e-7, 1 - 1e-7] and scaled to a sum of 1, so that the result equals that of Keras's
    eager function of the same name bit for bit. (In a graph, Keras's function uses the logits before a softmax, and
    its losses differ. This function returns the same losses everywhere.)

    Shapes:
        labels: (samples,).
        probabilities: (samples, classes).
        returns: (samples,).

    Raises:
        ShapeError: The labels have more axes, such as one-hot ones.
    """
    if len(np.shape(labels)) != 1:
        raise ShapeError(
            f"labels must be (samples,), not {np.shape(labels)}: labels.argmax(axis=1) if they are one-hot"
        )
    if isinstance(probabilities, np.ndarray):
        return _on_numpy(labels, probabilities)
    clipped = tf.clip_by_value(probabilities, EPSILON, 1 - EPSILON)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(labels, tf.int64), logits=tf.math.log(clipped))


def _on_numpy(labels: Tensor, probabilities: Tensor) -> Tensor:
    clipped = np.clip(probabilities, np.float32(EPSILON), np.float32(1 - EPSILON))
    of_labels = clipped[np.arange(len(labels)), labels]
    return np.log(clipped.sum(axis=-1)) - np.log(of_labels)
