"""Prepares pictures of the network's own size: as MNIST made them they stay as they are, others are laid out anew."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import SIDE
from service.inference.pictures.layout import MIDDLE, lay_out
from service.inference.pictures.report import PreparedImage

Grey = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""``(left, top, right, bottom)`` in pixels; right and bottom lie just outside."""

LEAST_CONTRAST = 16  # grey levels; below it nothing counts as ink
LOW_CONTRAST = 64  # grey levels; ink with less contrast causes a warning

MID_GREY = 128
LIGHT = 160  # grey level from which a border is light
EVEN_SPREAD = 32  # grey levels by which pixels of an even border may differ from its median
EVEN_SHARE = 0.75  # of the border's pixels that must be so close

INK_SHARE = 0.1  # of the contrast, from which a pixel is ink
LEAST_SIDE, LARGEST_SIDE = 18, 21  # of the ink's box; all 70,000 digits of MNIST have 18 to 20
OFF_CENTRE = 1.0  # pixels between the middle and the centre of mass; MNIST's have at most half a pixel
PLACES = np.arange(SIDE, dtype=np.float32) + np.float32(0.5)  # the middle of each row, or column
_MOMENTS = np.stack([np.ones(SIDE * SIDE, np.float32), np.tile(PLACES, SIDE), np.repeat(PLACES, SIDE)])
MOST_INK = 0.45  # of all pixels; MNIST's digits have at most 0.4, and what has more fills the picture as garments do


def prepare_28x28(grey: Grey, warnings: tuple[str, ...] = ()) -> PreparedImage:
    """Prepare an image of the network's own size.

    As MNIST's are laid out, its bytes stay as they are, inverted if it is dark on light. A digit of another size or
    place on even paper is scaled and centred.

    Shapes:
        grey: (28, 28).
    """
    if _is_laid_out_on_black(grey):
        return _as_it_is(grey, warnings, contrast=int(grey.max()))
    inverted = is_dark_on_light(grey)
    pixels = ~grey if inverted else grey
    contrast = int(pixels.max()) - int(pixels.min())
    box = _box_to_move(pixels, contrast) if contrast >= LEAST_CONTRAST else None
    if box is None:
        return _as_it_is(pixels, warnings, contrast=contrast, inverted=inverted)
    left, top, right, bottom = box
    ink = np.clip(pixels[top:bottom, left:right].astype(np.float32) - _paper(pixels), 0, None)
    laid_out, shift = lay_out(ink)
    moved = _as_it_is(laid_out, warnings, contrast=contrast, inverted=inverted)
    return replace(moved, crop=box, shift=shift)


def _as_it_is(pixels: Grey, warnings: tuple[str, ...], *, contrast: int, inverted: bool = False) -> PreparedImage:
    found = tuple(sorted((*warnings, *contrast_warnings(contrast))))
    return PreparedImage(pixels=pixels, width=SIDE, height=SIDE, inverted=inverted, warnings=found)


def _is_laid_out_on_black(pixels: Grey) -> bool:
    """Return whether light ink on black is laid out as MNIST's is: the quick answer for nearly all of its digits."""
    top, bottom = _inked(pixels, SIDE)
    left, right = _inked(np.bitwise_or.reduce(pixels, axis=0), 1)
    if not min(top, left) > 0 or not max(bottom, right) < SIDE:
        return False
    if not LEAST_SIDE <= max(bottom - top, right - left) <= LARGEST_SIDE:
        return False
    moments: list[float] = (_MOMENTS @ pixels.astype(np.float32).ravel()).tolist()
    total, across, down = moments
    return abs(across / total - MIDDLE) <= OFF_CENTRE and abs(down / total - MIDDLE) <= OFF_CENTRE


def _inked(pixels: Grey, size: int) -> tuple[int, int]:
    """Return the first group of *size* pixels that is not all black, and the one after the last: quick on bytes."""
    data = pixels.tobytes()
    return (len(data) - len(data.lstrip(b"\0"))) // size, -(-len(data.rstrip(b"\0")) // size)


def _paper(pixels: Grey) -> float:
    return float(np.median(border(pixels, 1)))


def _box_to_move(pixels: Grey, contrast: int) -> Box | None:
    """Return the box of the ink, if the paper is even and the ink is not laid out as MNIST's; else ``None``."""
    edge = border(pixels, 1).astype(np.int16)
    level = float(np.median(edge))
    if np.mean(np.abs(edge - level) <= EVEN_SPREAD) < EVEN_SHARE:
        return None
    strength = np.clip(pixels.astype(np.float32) - level, 0, None)
    inked = strength > INK_SHARE * contrast
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows) or inked.mean() > MOST_INK:
        return None
    box = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    return None if _is_laid_out(strength, max(box[2] - box[0], box[3] - box[1])) else box


def _is_laid_out(strength: NDArray[np.float32], side: int) -> bool:
    if not LEAST_SIDE <= side <= LARGEST_SIDE:
        return False
    centres = (float(strength.sum(axis=axis) @ PLACES) / float(strength.sum()) for axis in (0, 1))
    return all(abs(centre - MIDDLE) <= OFF_CENTRE for centre in centres)


def is_dark_on_light(grey: Grey) -> bool:
    """Return whether a 28x28 is light on the whole and has a light, even border.

    Noise, and a garment that fills the image, have no such border and are not inverted.
    """
    if int(grey.sum()) < MID_GREY * grey.size:
        return False
    edge = border(grey, 1).astype(np.int16)
    level = np.median(edge)
    return bool(level >= LIGHT and np.mean(np.abs(edge - level) <= EVEN_SPREAD) >= EVEN_SHARE)


def border(grey: Grey, thickness: int) -> Grey:
    """Return the pixels of the outermost rows and columns.

    Shapes:
        grey: (h, w) -> (pixels,); corners are in it twice.
    """
    sides = grey[:thickness], grey[-thickness:], grey[:, :thickness], grey[:, -thickness:]
    return np.concatenate([side.ravel() for side in sides])


def contrast_warnings(contrast: float) -> tuple[str, ...]:
    """Return the warnings for ink that differs from its background by *contrast* grey levels."""
    if contrast < LEAST_CONTRAST:
        return ("blank",)
    return ("low_contrast",) if contrast < LOW_CONTRAST else ()
