"""How well a network reads images that it was not trained on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.inputs import checked_images, checked_samples, scaled
from naivenet.layers import NaiveSequential
from naivenet.losses import sparse_categorical_crossentropy

# Enough for all processors, little enough for memory: 5,000 images are 16 MB, 512 units of each another 10
_IMAGES_AT_ONCE = 5000


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a network makes of labelled images.

    Attributes:
        loss: Average cross-entropy.
        accuracy: Share that is read right.
        per_class_accuracy: Share of each class that is read right, NaN without images. Shape: (classes,).
        confusion: How many images of a label (row) were read as which (column). Shape: (classes, classes).
    """

    loss: float
    accuracy: float
    per_class_accuracy: NDArray[np.float64]
    confusion: NDArray[np.int64]


def evaluate(model: NaiveSequential, images: Any, labels: Any) -> Evaluation:
    """Let *model*, on TensorFlow or on NumPy, read *images* and compare with *labels*.

    Shapes:
        images: (samples, ...), uint8, or float32 in [0, 1].
        labels: (samples,), integers.

    Raises:
        ShapeError: The images do not fit the network, or are not as many as the labels.
        ParameterError: The images or labels are of a kind or range that the network does not know.
    """
    rows, answers = checked_samples(model, images, labels)
    probabilities = predict(model, rows)
    confusion = confusion_matrix(answers, predicted_labels(probabilities), classes=model.output_size)
    return Evaluation(
        loss=float(np.mean(sparse_categorical_crossentropy(answers, probabilities), dtype=np.float64)),
        accuracy=float(np.trace(confusion) / len(rows)),
        per_class_accuracy=per_class_accuracy(confusion),
        confusion=confusion,
    )


def predict(model: NaiveSequential, images: Any) -> NDArray[np.float32]:
    """Probabilities of each class for many images, some thousands of them at a time.

    Shapes:
        images: (samples, ...), uint8, or float32 in [0, 1] -> (samples, classes).

    Raises:
        ShapeError: The images do not fit the network.
    """
    rows = checked_images(images, model.input_size)
    on_numpy = isinstance(model.weights[0], np.ndarray)
    call = (lambda part: model(scaled(part))) if on_numpy else model.compiled
    parts = (rows[start : start + _IMAGES_AT_ONCE] for start in range(0, len(rows), _IMAGES_AT_ONCE))
    return np.concatenate([np.asarray(call(part)) for part in parts])


def predicted_labels(probabilities: Any) -> NDArray[np.int64]:
    """The most probable class of each sample; the first of those that are equal.

    Shapes:
        probabilities: (samples, classes) -> (samples,).
    """
    labels: NDArray[np.int64] = np.argmax(np.asarray(probabilities), axis=-1)
    return labels


def accuracy(labels: Any, predicted: Any) -> float:
    """Share of samples whose predicted label is the right one."""
    return float(np.mean(np.asarray(labels) == np.asarray(predicted)))


def confusion_matrix(labels: Any, predicted: Any, *, classes: int) -> NDArray[np.int64]:
    """How many samples of a label (row) were read as which (column).

    Shapes:
        labels, predicted: (samples,) -> (classes, classes).
    """
    pairs = np.asarray(labels, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def per_class_accuracy(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each class that is read right; NaN for a class without samples.

    Shapes:
        confusion: (classes, classes) -> (classes,).
    """
    samples = confusion.sum(axis=1)
    return np.where(samples > 0, np.diag(confusion) / np.maximum(samples, 1), np.nan)
