"""Evens the strokes of a digit: faded ink becomes full, and thin and thick pens become as wide as MNIST's."""

import cv2
import numpy as np
from numpy.typing import NDArray

from service.inference.pictures.layout import INNER_SIDE

Plane = NDArray[np.float32]
Mask = NDArray[np.uint8]

FADED = 0.35  # of the digit's contrast, down to which ink that glare or a pencil left pale is made full
THINNEST, WIDEST = 1.7, 4.2  # pixels of MNIST: the usual widths of its strokes


def even_strokes(strength: Plane, mask: Mask, contrast: float) -> Plane:
    """Return the ink of a digit from 0 to 1, with strokes of usual width.

    Args:
        strength: How far each pixel lies from the paper.
        mask: The pixels of the digit.
        contrast: Of the digit's ink.

    Shapes:
        strength, mask: (h, w), cropped to the digit -> (h, w), or a few pixels more on each side.
    """
    pen = pen_width(mask)
    reach = 2 * max(1, round(pen / 2)) + 1
    peak = cv2.blur(cv2.dilate(strength, _disc(reach)), (reach, reach))
    ink: Plane = np.minimum(strength / np.maximum(peak, FADED * contrast), 1)
    return _with_usual_width(ink, pen, max(mask.shape) / INNER_SIDE)


def pen_width(mask: Mask) -> float:
    """Return the mean width of strokes: twice their area over the length of their edges."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8))
    return 2 * float(padded.sum()) / max(1.0, float(padded.sum()) - float(inner.sum()))


def _with_usual_width(ink: Plane, pen: float, unit: float) -> Plane:
    """Return the ink, with strokes wider or thinner where *pen* is not usual; *unit* is a pixel of MNIST."""
    change = np.clip(pen, THINNEST * unit, WIDEST * unit) - pen
    size = 2 * round(abs(change) / 2) + 1
    if size == 1:
        return ink
    room = size // 2
    wide: Plane = cv2.copyMakeBorder(ink, room, room, room, room, cv2.BORDER_CONSTANT, value=0)
    evened: Plane = cv2.erode(wide, _disc(size)) if change < 0 else cv2.dilate(wide, _disc(size))
    return evened


def _disc(size: int) -> Mask:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
