"""Pixels as bytes from 0 to 255, and as the floats from 0 to 1 that the network was trained on."""

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import SIDE


def to_unit(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale bytes to 0 to 1.

    Shapes:
        pixels: any -> the same, float32, contiguous.
    """
    unit = pixels.astype(np.float32, order="C")
    unit /= np.float32(255)  # in place: dividing bytes straight into floats takes ten times as long
    return unit


def to_bytes(row: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Undo `to_unit`: scale 0 to 1 to bytes, as an image.

    Shapes:
        row: (784,) -> (28, 28).
    """
    scaled: NDArray[np.float32] = np.rint(row * np.float32(255))
    return scaled.astype(np.uint8).reshape(SIDE, SIDE)
