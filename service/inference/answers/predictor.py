"""From rows of pixels to an answer: which digit, how sure, and what else it might have been."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.inference.requests.batch import Batch

Floats = NDArray[np.float32]
Model = Callable[[Floats], Any]
"""A network on NumPy weights, such as ``NaiveSequential.numpy()``: (n, 784) -> (n, classes)."""

NEAR_ONE = 1e-3
TOP_K = 3
CLASSES = 10


class Prediction(NamedTuple):
    """What the network makes of one digit; a tuple, as a batch has thousands of them.

    Attributes:
        digit: The class with the largest output, the first of equals; ``None`` where nothing can be claimed:
            the picture is blank, or the network's outputs are not all finite.
        confidence: The probability of *digit*; 0 where it is ``None``, NaN where the outputs are.
            It is the network's own softmax: how it ranks ten digits, given that it must be one of them. It is
            no measured frequency of being right, and says nothing of whether the picture is a digit at all.
        probabilities: Of each class, as the network gives them, also for a blank picture.
        top_k: The likeliest classes and their probabilities, likeliest first; none where *digit* is ``None``.
        nonfinite: ``nan``, ``inf`` or ``-inf`` where the outputs are not all finite, as those of a network
            whose training diverged.
    """

    digit: int | None
    confidence: float
    probabilities: tuple[float, ...]
    top_k: tuple[tuple[int, float], ...]
    nonfinite: str | None = None


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """A network, asked about batches.

    Attributes:
        model: The network on NumPy weights.
        top_k: How many classes an answer lists.
    """

    model: Model
    top_k: int = TOP_K

    def predict(self, batch: Batch, *, top_k: int | None = None) -> list[Prediction]:
        """Answer each digit of a batch, in order.

        Shapes:
            batch.rows: (n, 784) -> n predictions.
        """
        outputs = np.asarray(self.model(batch.rows))
        blank = ["blank" in report.warnings for report in batch.seen]
        return predictions(outputs, top_k=self.top_k if top_k is None else top_k, blank=blank)


def predictions(outputs: Floats, *, top_k: int = TOP_K, blank: Sequence[bool] | None = None) -> list[Prediction]:
    """Read the outputs of a network as answers: ten numbers are quicker in Python's hands than in NumPy's.

    Shapes:
        outputs: (n, classes) -> n predictions.
    """
    rows: list[list[float]] = outputs.tolist()
    blanks = blank or [False] * len(rows)
    return [_prediction(row, 0 if is_blank else top_k) for row, is_blank in zip(rows, blanks, strict=True)]


def as_probabilities(outputs: Sequence[float]) -> Sequence[float]:
    """Outputs as probabilities: those that are a distribution stay, others go through a softmax.

    A network may end in any activation. One that ends in softmax answers a distribution; of another the digit
    is still that of the largest output, and a softmax keeps that order.
    """
    if abs(sum(outputs) - 1) < NEAR_ONE and min(outputs) >= 0:
        return outputs
    top = max(outputs)
    powers = [math.exp(output - top) for output in outputs]
    total = sum(powers)
    return [power / total for power in powers]


def _prediction(outputs: list[float], top_k: int) -> Prediction:
    """One answer; without any of the likeliest, as of a blank picture, no digit is claimed."""
    if not math.isfinite(sum(outputs)):
        return _broken(outputs)
    shares = as_probabilities(outputs)
    likeliest = sorted(range(len(shares)), key=shares.__getitem__, reverse=True)[:top_k]
    ranked = tuple((digit, shares[digit]) for digit in likeliest)
    digit, confidence = ranked[0] if ranked else (None, 0.0)
    return Prediction(digit, confidence, tuple(shares), ranked)


def _broken(outputs: list[float]) -> Prediction:
    unknown = (math.nan,) * len(outputs)
    return Prediction(digit=None, confidence=math.nan, probabilities=unknown, top_k=(), nonfinite=_kind(outputs))


def _kind(broken: list[float]) -> str:
    if any(map(math.isnan, broken)):
        return "nan"
    return "inf" if math.inf in broken else "-inf"
