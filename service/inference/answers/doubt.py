"""Doubts about a digit that was found in a picture: turned or slanted a little, it should stay the same digit."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import SIDE

if TYPE_CHECKING:
    from service.inference.answers.predictor import Prediction

Rows = NDArray[np.float32]
Outputs = Sequence[Sequence[float]]

TURN, SLANT = 14.0, 0.3  # degrees, and pixels to the side for each pixel up
LEAST_SUPPORT = 0.60  # mean probability of a digit over these readings, below which it is uncertain

_MIDDLE = (SIDE - 1) / 2
_CHANGES = [
    *(cv2.getRotationMatrix2D((_MIDDLE, _MIDDLE), turn, 1) for turn in (TURN, -TURN)),
    *(np.array([[1, slant, -slant * _MIDDLE], [0, 1, 0]]) for slant in (SLANT, -SLANT)),
]


def supports(read: Callable[[Rows], Outputs], rows: Rows, predictions: Sequence["Prediction"]) -> list[float]:
    """Return the mean probability of each predicted digit: as it is, and turned and slanted to both sides.

    Args:
        read: Returns the probabilities of the network for rows.
        rows: The digits as the network read them.
        predictions: What it read; each has a digit.

    Shapes:
        rows: (n, 784) -> n numbers.
    """
    changed = np.array([[_changed(row, change) for change in _CHANGES] for row in rows], np.float32)
    outputs, count = read(changed.reshape(-1, SIDE * SIDE)), len(_CHANGES)
    groups = (outputs[start : start + count] for start in range(0, len(outputs), count))
    return [
        (each.confidence + sum(output[each.digit or 0] for output in group)) / (count + 1)
        for each, group in zip(predictions, groups, strict=True)
    ]


def _changed(row: Rows, change: NDArray[Any]) -> Rows:
    changed: Rows = cv2.warpAffine(row.reshape(SIDE, SIDE), change, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return changed
