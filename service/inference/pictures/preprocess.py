"""Prepares pictures for the network, as the client chooses.

Of 28x28, as MNIST made them, they stay as they are; others are laid out anew. In larger ones the digit is found.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from naivenet.datasets import SIDE
from service.inference.pictures.layout import MIDDLE, lay_out
from service.inference.pictures.report import AUTO, PreparedImage, PrepareOptions

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


def prepare(
    pixels: Grey, size: tuple[int, int], options: PrepareOptions = AUTO, warnings: tuple[str, ...] = ()
) -> PreparedImage:
    """Prepare an upright picture.

    Args:
        pixels: Its grey levels, or the colours of a picture of another size than 28x28; possibly reduced.
        size: Its width and height before it was reduced; *crop* in the report is in these pixels.
        options: What the client chooses.
        warnings: Warnings found before.

    Shapes:
        pixels: (h, w) or (h, w, 3) -> pixels: (28, 28).
    """
    if options.prepare == "never":
        return _as_a_whole(pixels, size, warnings)
    if options.prepare == "auto" and size == (SIDE, SIDE):
        return prepare_28x28(pixels, warnings)
    from service.inference.pictures.finding import find_digit  # noqa: PLC0415  # OpenCV is loaded with the first picture

    return find_digit(pixels, size, options, warnings)


def _as_a_whole(pixels: Grey, size: tuple[int, int], warnings: tuple[str, ...]) -> PreparedImage:
    """Return a 28x28 as it is, and another picture scaled to 28x28 as a whole, in the middle of a square."""
    if size == (SIDE, SIDE):
        return replace(_as_it_is(pixels, warnings, contrast=int(np.ptp(pixels))), prepare="never")
    grey = Image.fromarray(pixels).convert("L")
    square = Image.new("L", (max(grey.size),) * 2, int(np.median(border(np.asarray(grey), 1))))
    square.paste(grey, ((square.width - grey.width) // 2, (square.height - grey.height) // 2))
    small = np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BOX))
    report = _as_it_is(small, warnings, contrast=int(np.ptp(small)))
    return replace(report, prepare="never", method="scaled", width=size[0], height=size[1])


def prepare_28x28(grey: Grey, warnings: tuple[str, ...] = ()) -> PreparedImage:
    """Prepare an image of the network's own size.

    As MNIST's are laid out, its bytes stay as they are, inverted if it is dark on light. A digit of another size or
    place on even paper is scaled and centred.

    Shapes:
        grey: (28, 28).
    """
    if is_laid_out_on_black(grey):
        return _as_it_is(grey, warnings, contrast=int(grey.max()))
    inverted = is_dark_on_light(grey)
    pixels = ~grey if inverted else grey
    contrast = int(pixels.max()) - int(pixels.min())
    report = _as_it_is(pixels, warnings, contrast=contrast, inverted=inverted)
    if contrast < LEAST_CONTRAST:
        return report
    strength = _strength(pixels)
    box = _ink_box(strength, contrast) if strength is not None else None
    if strength is None or box is None:
        return replace(report, warnings=tuple(sorted((*report.warnings, "not_centred"))))
    if _is_laid_out(strength, max(box[2] - box[0], box[3] - box[1])):
        return report
    left, top, right, bottom = box
    laid_out, shift = lay_out(strength[top:bottom, left:right])
    return replace(report, pixels=laid_out, method="centred", crop=box, shift=shift)


def _as_it_is(pixels: Grey, warnings: tuple[str, ...], *, contrast: int, inverted: bool = False) -> PreparedImage:
    found = tuple(sorted((*warnings, *contrast_warnings(contrast))))
    return PreparedImage(pixels=pixels, width=SIDE, height=SIDE, inverted=inverted, warnings=found)


def is_laid_out_on_black(pixels: NDArray[Any]) -> bool:
    """Return whether light ink on black is laid out as MNIST's is: the quick answer for nearly all of its digits.

    Shapes:
        pixels: (28, 28), bytes or float32, contiguous.
    """
    size = pixels.itemsize
    top, bottom = _inked(pixels, SIDE * size)
    left, right = _inked(np.bitwise_or.reduce(pixels.view(np.uint32), axis=0), size)  # quickest with four bytes each
    if not min(top, left) > 0 or not max(bottom, right) < SIDE:
        return False
    if not LEAST_SIDE <= max(bottom - top, right - left) <= LARGEST_SIDE:
        return False
    moments: list[float] = (_MOMENTS @ pixels.astype(np.float32, copy=False).ravel()).tolist()
    total, across, down = moments
    return abs(across / total - MIDDLE) <= OFF_CENTRE and abs(down / total - MIDDLE) <= OFF_CENTRE


def are_laid_out_on_black(pixels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the answer of `is_laid_out_on_black` for each image of a batch: a hundred calls take as long.

    Shapes:
        pixels: (n, 784), contiguous -> (n,).
    """
    words = pixels.view(np.uint64).reshape(-1, SIDE, SIDE // 2)  # two pixels each, which halves the time
    columns, rows = np.bitwise_or.reduce(words, axis=1).view(np.uint32), np.bitwise_or.reduce(words, axis=2)
    boxes = [_inked_span(columns != 0), _inked_span(rows != 0)]
    sides = np.maximum(*(end - start for start, end in boxes))
    total, across, down = _MOMENTS @ pixels.T
    found: NDArray[np.bool_] = (sides >= LEAST_SIDE) & (sides <= LARGEST_SIDE)
    for (start, end), moment in zip(boxes, (across, down), strict=True):
        found &= (start > 0) & (end < SIDE) & (np.abs(moment - MIDDLE * total) <= OFF_CENTRE * total)
    return found


def _inked_span(inked: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first place with ink, and the one after the last; without ink, the first is 0. Shapes: (n, 28)."""
    return inked.argmax(axis=1), SIDE - inked[:, ::-1].argmax(axis=1)


def _inked(pixels: NDArray[Any], size: int) -> tuple[int, int]:
    """Return the first group of *size* bytes that is not all black, and the one after the last: quick on bytes."""
    data = pixels.tobytes()
    return (len(data) - len(data.lstrip(b"\0"))) // size, -(-len(data.rstrip(b"\0")) // size)


def _strength(pixels: Grey) -> NDArray[np.float32] | None:
    """Return by how much each pixel is lighter than the paper; ``None`` if the paper is not even."""
    edge = border(pixels, 1).astype(np.int16)
    level = float(np.median(edge))
    if np.mean(np.abs(edge - level) <= EVEN_SPREAD) < EVEN_SHARE:
        return None
    strength: NDArray[np.float32] = np.clip(pixels.astype(np.float32) - level, 0, None)
    return strength


def _ink_box(strength: NDArray[np.float32], contrast: int) -> Box | None:
    """Return the box of the ink; ``None`` if there is none, or it fills the picture."""
    inked = strength > INK_SHARE * contrast
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows) or inked.mean() > MOST_INK:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


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


def contrast_warnings(contrast: float, *, low: int = LOW_CONTRAST) -> tuple[str, ...]:
    """Return the warnings for ink that differs from its background by *contrast* grey levels; *low* is too few."""
    if contrast < LEAST_CONTRAST:
        return ("blank",)
    return ("low_contrast",) if contrast < low else ()
