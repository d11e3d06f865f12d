"""Evaluates a network on labelled images: accuracy by digit, confusion matrix, calibration, hardest images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.inference.answers.prediction_json import trace_png
from service.inference.answers.predictor import as_probabilities

BINS = 10
HARDEST = 20

Probabilities = NDArray[np.float32]
Labels = NDArray[np.integer[Any]]


def evaluate(network: naivenet.NaiveSequential, images: NDArray[np.uint8], labels: Labels) -> dict[str, Any]:
    """Return the metrics, ready for JSON; a share of zero images is None.

    Shapes:
        images: (n, 28, 28), from 0 to 255.
        labels: (n,).
    """
    rows = images.reshape(len(images), -1)
    with np.errstate(all="ignore"):  # a diverged network answers NaN, which counts as probability 0 below
        outputs = naivenet.predict(network, rows).tolist()
    probabilities = np.nan_to_num(np.array([as_probabilities(row) for row in outputs], np.float32), nan=0.0)
    predicted = naivenet.predicted_labels(probabilities)
    confusion = naivenet.confusion_matrix(labels, predicted, classes=network.output_size)
    return {
        "samples": len(labels),
        "accuracy": naivenet.accuracy(labels, predicted),
        "classes": _classes(confusion),
        "confusion": confusion.tolist(),
        "calibration": calibration(probabilities.max(axis=1), predicted == labels),
        "hardest": _hardest(rows, probabilities, predicted, labels),
    }


def calibration(confidences: Probabilities, hits: NDArray[np.bool_]) -> dict[str, Any]:
    """Return how far confidence and accuracy differ, in bins of equal width (Guo et al., 2017).

    Shapes:
        confidences: (n,), from 0 to 1.
        hits: (n,), whether each prediction is right.
    """
    bin_of = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(bin_of, minlength=BINS)
    confidence_sums = np.bincount(bin_of, confidences, BINS)
    hit_counts = np.bincount(bin_of, hits, BINS)
    bins = [
        {
            "lower": number / BINS,
            "upper": (number + 1) / BINS,
            "samples": int(count),
            "confidence": _share(confidence_sums[number], count),
            "accuracy": _share(hit_counts[number], count),
        }
        for number, count in enumerate(counts)
    ]
    error = float(np.abs(confidence_sums - hit_counts).sum() / len(hits))
    return {"expected_calibration_error": error, "bins": bins}


def _classes(confusion: NDArray[np.int64]) -> list[dict[str, Any]]:
    hits, labelled, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return [
        {
            "digit": digit,
            "samples": int(labelled[digit]),
            "precision": _share(hits[digit], predicted[digit]),
            "recall": _share(hits[digit], labelled[digit]),
        }
        for digit in range(len(confusion))
    ]


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None


def _hardest(
    rows: NDArray[np.uint8], probabilities: Probabilities, predicted: Labels, labels: Labels
) -> list[dict[str, Any]]:
    """Return the images whose label got the least probability, the hardest first."""
    of_label = probabilities[np.arange(len(labels)), labels]
    return [
        {
            "index": int(index),
            "label": int(labels[index]),
            "prediction": int(predicted[index]),
            "probability": float(probabilities[index, predicted[index]]),
            "label_probability": float(of_label[index]),
            "png": trace_png(rows[index] / np.float32(255)),
        }
        for index in np.argsort(of_label, kind="stable")[:HARDEST]
    ]
