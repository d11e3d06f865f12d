"""Predicts digits from rows of pixels: which digit, how sure, and the next likely ones."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.inference.requests.batch import Batch

Floats = NDArray[np.float32]
Model = Callable[[Floats], Any]
"""A network with NumPy weights, such as ``NaiveSequential.numpy()``: (n, 784) -> (n, classes)."""

SUM_TOLERANCE = 1e-3
TOP_K = 3


class Prediction(NamedTuple):
    """The prediction for one digit; a tuple, as a batch has thousands of them.

    Attributes:
        digit: The class with the largest output, the first if several are equal; ``None`` if the image is blank
            or the network's outputs are not all finite.
        confidence: The probability of *digit*; 0 for a blank image, NaN if the outputs are not all finite.
            It is the network's softmax: how it ranks ten digits, given that the image is one of them. It is no
            measured accuracy, and does not mean that the image is a digit at all.
        probabilities: The network's probability of each class, also for a blank image.
        top_k: The most likely classes with their probabilities, in falling order; empty if *digit* is ``None``.
        nonfinite: ``nan``, ``inf`` or ``-inf`` if the outputs are not all finite, as of a network whose
            training diverged.
        doubts: Warnings about the digit, from `service.inference.pictures.report.WARNINGS`.
    """

    digit: int | None
    confidence: float
    probabilities: tuple[float, ...]
    top_k: tuple[tuple[int, float], ...]
    nonfinite: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """Predicts batches with one network.

    Attributes:
        model: The network with NumPy weights.
        top_k: How many of the most likely classes a prediction lists.
    """

    model: Model
    top_k: int = TOP_K

    def predict(self, batch: Batch, *, top_k: int | None = None) -> list[Prediction]:
        """Predict each digit of a batch, in order.

        Shapes:
            batch.rows: (n, 784) -> n predictions.
        """
        outputs = np.asarray(self.model(batch.rows))
        blank = ["blank" in report.warnings for report in batch.reports]
        found = predictions(outputs, top_k=self.top_k if top_k is None else top_k, blank=blank)
        asked = [
            number
            for number, (each, report) in enumerate(zip(found, batch.reports, strict=True))
            if report.method == "found" and each.digit is not None
        ]
        return self._with_doubts(found, batch, asked) if asked else found

    def _with_doubts(self, found: list[Prediction], batch: Batch, asked: list[int]) -> list[Prediction]:
        """Mark those of the *asked* predictions that the network is not certain of."""
        from service.inference.answers.doubt import LEAST_SUPPORT, supports  # noqa: PLC0415  # it loads OpenCV

        support = supports(self._read, batch.rows[asked], [found[number] for number in asked])
        for number, share in zip(asked, support, strict=True):
            if share < LEAST_SUPPORT:
                found[number] = found[number]._replace(doubts=("uncertain", *batch.reports[number].doubts))
        return found

    def _read(self, rows: Floats) -> list[Sequence[float]]:
        return [as_probabilities(output) for output in np.asarray(self.model(rows)).tolist()]


def predictions(outputs: Floats, *, top_k: int = TOP_K, blank: Sequence[bool] | None = None) -> list[Prediction]:
    """Turn the outputs of a network into predictions.

    One row is ranked in plain Python, which is faster for ten numbers; many rows are ranked at once by NumPy.

    Shapes:
        outputs: (n, classes) -> n predictions.
    """
    rows: list[list[float]] = outputs.tolist()
    orders = [_order(rows[0])] if len(rows) == 1 else np.argsort(-outputs, axis=1, kind="stable").tolist()
    blanks = blank or [False] * len(rows)
    return [
        _prediction(row, [] if is_blank else order[:top_k])
        for row, order, is_blank in zip(rows, orders, blanks, strict=True)
    ]


def as_probabilities(outputs: Sequence[float]) -> Sequence[float]:
    """Return outputs as probabilities: unchanged if they are a distribution, else through a softmax.

    A network may end in any activation. The outputs of softmax are a distribution already; for others the softmax
    keeps the order, so that the largest output is still the predicted digit.
    """
    if abs(sum(outputs) - 1) < SUM_TOLERANCE and min(outputs) >= 0:
        return outputs
    top = max(outputs)
    powers = [math.exp(output - top) for output in outputs]
    total = sum(powers)
    return [power / total for power in powers]


def _order(outputs: list[float]) -> list[int]:
    """Return the classes in the falling order of their outputs; of equal ones the first comes first."""
    return sorted(range(len(outputs)), key=outputs.__getitem__, reverse=True)


def _prediction(outputs: list[float], likeliest: list[int]) -> Prediction:
    """Return one prediction; it has no digit without a likeliest class, as for a blank image."""
    if not math.isfinite(sum(outputs)):
        return _nonfinite_prediction(outputs)
    shares = as_probabilities(outputs)
    ranked = tuple([(digit, shares[digit]) for digit in likeliest])
    digit, confidence = ranked[0] if ranked else (None, 0.0)
    return Prediction(digit, confidence, tuple(shares), ranked)


def _nonfinite_prediction(outputs: list[float]) -> Prediction:
    unknown = (math.nan,) * len(outputs)
    return Prediction(
        digit=None, confidence=math.nan, probabilities=unknown, top_k=(), nonfinite=_nonfinite_name(outputs)
    )


def _nonfinite_name(outputs: list[float]) -> str:
    if any(map(math.isnan, outputs)):
        return "nan"
    return "inf" if math.inf in outputs else "-inf"
