"""Lays a digit out as MNIST's are: its longer side is 20 pixels, and its centre of mass is in the middle of 28x28.

LeCun et al. (1998), *Gradient-based learning applied to document recognition*, III.A: scaled into 20x20
keeping its proportions, antialiased, and laid into 28x28 with its centre of mass in the middle.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from naivenet.datasets import SIDE

INNER_SIDE = 20
MIDDLE = SIDE / 2 + 0.5  # where the mean centre of mass of MNIST lies: the middle of its pixel 14
WIDEST = 1.1  # width over height; a digit that is wider was stretched, and is squeezed
NARROWEST, LOOPED = 0.55, 0.25  # the same of a digit with so many rows that cross two strokes; it is stretched
UPRIGHT = 0.5  # the share of a digit's slant that is taken out; people's digits, and MNIST's, slant a little
MOST_SLANT = 1.0  # pixels to the side for each row; more is no handwriting, and would need a very wide picture
BACKGROUND_SHARE = 0.08  # of the ink's contrast; a pixel with less is background


def lay_out(ink: NDArray[np.float32]) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Scale and centre a digit that is cropped to its ink.

    Shapes:
        ink: (h, w), 0 is paper -> (28, 28), 0 to 255.

    Returns:
        The digit, and the shift to the right and down that centring its mass took.
    """
    ink = _straightened(ink)
    small = _resized(ink, min(ink.shape[1], round(WIDEST * ink.shape[0])))
    if small.shape[1] < round(NARROWEST * small.shape[0]) and _is_looped(small):
        small = _resized(ink, round(NARROWEST * ink.shape[0]))
    least = BACKGROUND_SHARE * float(small.max())
    most = max(float(small.max()), least + 1e-6)
    return _centred(np.asarray(np.clip((small - least) * (255 / (most - least)), 0, 255), np.float32))


def _straightened(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take out a share of the slant, and crop again. Shapes: (h, w) -> (h, w')."""
    height, width = ink.shape
    slant = UPRIGHT * _slant(ink)
    room = math.ceil(abs(slant) * height / 2)
    if not room:
        return ink
    back = (1, slant, -room - slant * height / 2, 0, 1, 0)  # from a pixel of the result to its source
    picture = Image.fromarray(ink).transform(
        (width + 2 * room, height), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR
    )
    straight = np.asarray(picture)
    inked = np.flatnonzero(straight.max(axis=0) > BACKGROUND_SHARE * straight.max())
    return straight[:, inked[0] : inked[-1] + 1] if len(inked) else ink


def _slant(ink: NDArray[np.float32]) -> float:
    """Return by how many pixels the ink moves to the right for each row down, at most `MOST_SLANT`; 0 without ink."""
    rows, columns = np.arange(ink.shape[0], dtype=np.float32), np.arange(ink.shape[1], dtype=np.float32)
    by_row, total = ink.sum(axis=1), float(ink.sum())
    if not total:
        return 0.0
    rows -= by_row @ rows / total
    variance = float(by_row @ rows**2)
    slant = float(rows @ (ink @ columns)) / variance if variance else 0.0
    return min(max(slant, -MOST_SLANT), MOST_SLANT)


def _resized(ink: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Stretch the digit to *width*, and scale it to MNIST's size."""
    scale = INNER_SIDE / max(ink.shape[0], width)
    size = max(1, round(width * scale)), max(1, round(ink.shape[0] * scale))
    kind = Image.Resampling.HAMMING if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(ink).resize(size, kind))


def _is_looped(ink: NDArray[np.float32]) -> bool:
    """Return whether many rows cross two strokes, as those of a 0 or 8 do, and of a 1 do not."""
    inked = ink > ink.max() / 2
    strokes = inked[:, 0] + np.count_nonzero(inked[:, 1:] > inked[:, :-1], axis=1)
    return bool((strokes > 1).mean() > LOOPED)


def _centred(small: NDArray[np.float32]) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Lay the digit into 28x28 with its centre of mass in the middle, as far as it fits.

    Shapes:
        small: (h, w) -> (28, 28).
    """
    top, down = _place(small.sum(axis=1))
    left, right = _place(small.sum(axis=0))
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[top : top + small.shape[0], left : left + small.shape[1]] = np.rint(small)
    return pixels, (right, down)


def _place(mass: NDArray[np.float32]) -> tuple[int, int]:
    """Return where the first row (or column) goes, and how far that is from the centred box.

    Shapes:
        mass: (rows,) or (columns,): the sum of each one's pixels.
    """
    room = SIDE - len(mass)
    total = float(mass.sum())
    centre_of_mass = float(mass @ (np.arange(len(mass)) + 0.5)) / total if total else len(mass) / 2
    place = min(max(round(MIDDLE - centre_of_mass), 0), room)
    return place, place - room // 2
