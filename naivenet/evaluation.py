"""Measures how well a network predicts labelled images: loss, accuracy and confusion matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import Tensor, tf
from naivenet.choices.own_layers import AnyLayer
from naivenet.errors import ShapeError
from naivenet.inputs import Images, check_range, checked_rows, checked_samples, scaled
from naivenet.keras_words import EVALUATION_WORDS, KerasHints
from naivenet.layers import NaiveSequential
from naivenet.losses import sparse_categorical_crossentropy
from naivenet.own_models import dense_layers, is_described, on_numpy

# Enough to keep all processors busy, and few enough for memory: 5,000 images are 16 MB, 512 units for each 10 MB more
_IMAGES_AT_ONCE = 5000


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation(KerasHints):
    """The metrics of a network on labelled images.

    Attributes:
        loss: Average cross-entropy.
        accuracy: Share of the images that is predicted correctly.
        per_class_accuracy: The same share for each class, NaN without images. Shape: (classes,).
        confusion: Number of images of a label (row) with a prediction (column). Shape: (classes, classes).
    """

    keras_words = EVALUATION_WORDS

    loss: float
    accuracy: float
    per_class_accuracy: NDArray[np.float64]
    confusion: NDArray[np.int64]


def evaluate(model: AnyLayer, images: Any, labels: Any) -> Evaluation:
    """Predict *images* with *model*, on TensorFlow variables or NumPy arrays, and compare with *labels*.

    Shapes:
        images: (samples, ...), uint8, or floats in [0, 1].
        labels: (samples,), integers.

    Raises:
        ShapeError: The images do not fit the network, or their number differs from that of the labels.
        ParameterError: Images or labels have the wrong dtype, or a label is out of range.
    """
    rows, answers = checked_samples(model, images, labels)
    check_range(rows)
    return measured(model, rows, answers)


def measured(model: AnyLayer, rows: Images, answers: NDArray[np.int32]) -> Evaluation:
    """Do what `evaluate` does, for images and labels that are checked already."""
    probabilities = _probabilities(model, rows)
    confusion = confusion_matrix(answers, predicted_labels(probabilities), classes=probabilities.shape[1])
    return Evaluation(
        loss=float(np.mean(sparse_categorical_crossentropy(answers, probabilities), dtype=np.float64)),
        accuracy=float(np.trace(confusion) / len(rows)),
        per_class_accuracy=per_class_accuracy(confusion),
        confusion=confusion,
    )


def predict(model: AnyLayer, images: Any) -> NDArray[np.float32]:
    """Return the probability of each class for each image. The images are predicted in parts of 5,000.

    Shapes:
        images: (samples, ...), uint8, or floats in [0, 1] -> (samples, classes).

    Raises:
        ShapeError: The images do not fit the network.
    """
    rows = checked_rows(model, images)
    check_range(rows)
    return _probabilities(model, rows)


def _probabilities(model: AnyLayer, rows: Images) -> NDArray[np.float32]:
    forward = _numpy_forward_pass(model) if on_numpy(model) else _forward_pass(model)
    parts = (rows[start : start + _IMAGES_AT_ONCE] for start in range(0, len(rows), _IMAGES_AT_ONCE))
    return np.concatenate([np.asarray(forward(part)) for part in parts])


def predicted_labels(probabilities: Any) -> NDArray[np.int64]:
    """Return the most probable class of each sample; the first one of equal classes.

    Shapes:
        probabilities: (samples, classes) -> (samples,).
    """
    labels: NDArray[np.int64] = np.argmax(np.asarray(probabilities), axis=-1)
    return labels


def accuracy(labels: Any, predicted: Any) -> float:
    """Return the share of the samples whose prediction equals the label.

    Shapes:
        labels, predicted: (samples,).

    Raises:
        ShapeError: Their shapes differ.
    """
    given, answers = np.asarray(labels), np.asarray(predicted)
    if given.shape != answers.shape:
        raise ShapeError(
            f"labels are {given.shape}, but predictions {answers.shape}: predicted_labels(probabilities) makes labels"
        )
    return float(np.mean(given == answers))


def confusion_matrix(labels: Any, predicted: Any, *, classes: int) -> NDArray[np.int64]:
    """Count the samples of each label (row) with each prediction (column).

    Shapes:
        labels, predicted: (samples,) -> (classes, classes).
    """
    pairs = np.asarray(labels, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def per_class_accuracy(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each class that is predicted correctly; NaN for a class without samples.

    Shapes:
        confusion: (classes, classes) -> (classes,).
    """
    samples = confusion.sum(axis=1)
    return np.where(samples > 0, np.diag(confusion) / np.maximum(samples, 1), np.nan)


def _numpy_forward_pass(model: AnyLayer) -> Callable[[Tensor], Tensor]:
    return lambda images: model(scaled(images))


def _forward_pass(model: AnyLayer) -> Callable[[Tensor], Tensor]:
    """Return the forward pass of a network on TensorFlow variables, as a graph; of the user's own layers as it is."""
    if not is_described(model):
        return lambda images: model(scaled(tf.constant(images)))
    graph = _graph(tuple((layer.activation, layer.input_size, layer.output_size) for layer in dense_layers(model)))
    return lambda images: graph(model.weights, tf.constant(images))


@lru_cache(maxsize=8)
def _graph(layers: tuple[tuple[Callable[[Tensor], Tensor], int, int], ...]) -> Any:
    """Return the graph that all networks with these activations and sizes share; its first call traces it."""
    activations = [activation for activation, *_ in layers]

    def forward(weights: list[Tensor], images: Tensor) -> Tensor:
        return NaiveSequential.from_weights(weights, activations)(scaled(images))

    return tf.function(forward, autograph=False, reduce_retracing=True)
