"""From rows of pixels to an answer: which digit, how sure, and what else it might have been."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.inference.batch import Batch

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


def predictions(outputs: Floats, *, top_k: int = TOP_K, blank: list[bool] | None = None) -> list[Prediction]:
    """Read the outputs of a network as answers.

    Shapes:
        outputs: (n, classes) -> n predictions.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        probabilities = as_probabilities(outputs)
        is_whole = bool(np.isfinite(outputs.sum()))  # one look at all; what it doubts is looked at row by row
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :top_k]
    found = list(map(_prediction, probabilities.tolist(), order.tolist()))
    for row, is_blank in enumerate(blank or ()):
        if is_blank:
            found[row] = found[row]._replace(digit=None, confidence=0.0, top_k=())
    if not is_whole:
        for row in np.flatnonzero(~np.isfinite(outputs).all(axis=1)).tolist():
            found[row] = _broken(outputs[row])
    return found


def as_probabilities(outputs: Floats) -> Floats:
    """Outputs as probabilities: those that are a distribution stay, others go through a softmax.

    A network may end in any activation. One that ends in softmax answers a distribution; of another the digit
    is still that of the largest output, and a softmax keeps that order.

    Shapes:
        outputs: (n, classes) -> the same.
    """
    totals = outputs.sum(axis=1)
    if (np.abs(totals - 1) < NEAR_ONE).all() and (outputs >= 0).all():
        return outputs
    proper = (np.abs(totals - 1) < NEAR_ONE) & (outputs >= 0).all(axis=1)
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.where(proper[:, np.newaxis], outputs, powers / powers.sum(axis=1, keepdims=True))


def _prediction(probabilities: list[float], classes: list[int]) -> Prediction:
    ranked = [(digit, probabilities[digit]) for digit in classes]
    return Prediction(*ranked[0], tuple(probabilities), tuple(ranked))


def _broken(outputs: Floats) -> Prediction:
    nothing = (math.nan,) * len(outputs)
    return Prediction(digit=None, confidence=math.nan, probabilities=nothing, top_k=(), nonfinite=_kind(outputs))


def _kind(broken: Floats) -> str:
    if np.isnan(broken).any():
        return "nan"
    return "inf" if np.isposinf(broken).any() else "-inf"
