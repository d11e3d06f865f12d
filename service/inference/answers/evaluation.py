"""How well a network reads labelled pictures: which digits it mistakes, and how far its confidence can be believed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.inference.answers.prediction_json import trace_png
from service.inference.answers.predictor import as_probabilities

BINS = 10
HARDEST = 20

Shares = NDArray[np.float32]
Labels = NDArray[np.integer[Any]]


def evaluate(network: naivenet.NaiveSequential, images: NDArray[np.uint8], labels: Labels) -> dict[str, Any]:
    """The figures, ready for JSON; a share of nothing is None.

    Shapes:
        images: (n, 28, 28), from 0 to 255.
        labels: (n,).
    """
    rows = images.reshape(len(images), -1)
    with np.errstate(all="ignore"):  # a network that diverged answers NaN: it is sure of nothing, and reads zeros
        outputs = naivenet.predict(network, rows).tolist()
    shares = np.nan_to_num(np.array([as_probabilities(row) for row in outputs], np.float32), nan=0.0)
    predicted = naivenet.predicted_labels(shares)
    confusion = naivenet.confusion_matrix(labels, predicted, classes=network.output_size)
    return {
        "samples": len(labels),
        "accuracy": naivenet.accuracy(labels, predicted),
        "classes": _classes(confusion),
        "confusion": confusion.tolist(),
        "calibration": calibration(shares.max(axis=1), predicted == labels),
        "hardest": _hardest(rows, shares, predicted, labels),
    }


def calibration(confidences: Shares, hits: NDArray[np.bool_]) -> dict[str, Any]:
    """How far confidence and accuracy lie apart, in bins of equal width (Guo et al., 2017).

    Shapes:
        confidences: (n,), from 0 to 1.
        hits: (n,), whether each was read right.
    """
    numbers = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(numbers, minlength=BINS)
    sure = np.bincount(numbers, confidences, BINS)
    right = np.bincount(numbers, hits, BINS)
    bins = [
        {
            "lower": number / BINS,
            "upper": (number + 1) / BINS,
            "samples": int(count),
            "confidence": _share(sure[number], count),
            "accuracy": _share(right[number], count),
        }
        for number, count in enumerate(counts)
    ]
    return {"expected_calibration_error": float(np.abs(sure - right).sum() / len(hits)), "bins": bins}


def _classes(confusion: NDArray[np.int64]) -> list[dict[str, Any]]:
    right, there, said = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return [
        {
            "digit": digit,
            "samples": int(there[digit]),
            "precision": _share(right[digit], said[digit]),
            "recall": _share(right[digit], there[digit]),
        }
        for digit in range(len(confusion))
    ]


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None


def _hardest(rows: NDArray[np.uint8], shares: Shares, predicted: Labels, labels: Labels) -> list[dict[str, Any]]:
    """The pictures whose right digit was thought least likely, the hardest first."""
    of_label = shares[np.arange(len(labels)), labels]
    return [
        {
            "index": int(index),
            "label": int(labels[index]),
            "prediction": int(predicted[index]),
            "probability": float(shares[index, predicted[index]]),
            "label_probability": float(of_label[index]),
            "png": trace_png(rows[index] / np.float32(255)),
        }
        for index in np.argsort(of_label, kind="stable")[:HARDEST]
    ]
