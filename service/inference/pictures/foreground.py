"""Separates the ink from its background: estimates both grey levels, masks the ink, and finds its bounding box."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]
"""``(left, top, right, bottom)`` in pixels; right and bottom lie just outside."""

GREY_LEVELS = 256
BORDER_SHARE = 40  # the border ring is a fortieth of the shorter side
MAD_TO_SIGMA = 1.4826  # of a normal distribution: its standard deviation over its median absolute deviation

LEAST_CONTRAST = 16  # grey levels; below it nothing counts as ink
CONTRAST_PERCENTILE = 0.98  # so that a few outliers do not set the ink's contrast
NOISE_SIGMAS = 3.0
MASK_SHARE = 0.3  # of the ink's contrast, from which a pixel belongs to the mask

SPECK_SHARE = 0.02  # of all ink; a smaller segment is dirt
TALL_SHARE = 0.5  # of the tallest segment's height, from which a segment may be a digit
HEAVY_SHARE = 0.2  # of the heaviest segment's ink, likewise; a 1 has this share of the ink of a 0


@dataclass(frozen=True, kw_only=True)
class Foreground:
    """The ink of an image, by its grey levels.

    Attributes:
        background: Grey level of the background.
        contrast: By how many grey levels the ink differs from it; 0 if there is no ink.
        is_dark: Whether the ink is darker than the background.
    """

    background: float
    contrast: float
    is_dark: bool

    def contrast_of(self, grey: Grey) -> NDArray[np.float32]:
        """Return how far each pixel lies from the background towards the ink, in grey levels."""
        offsets = grey.astype(np.float32) - np.float32(self.background)
        return -offsets if self.is_dark else offsets

    def mask(self, grey: Grey) -> Mask:
        """Return which pixels are ink."""
        step = MASK_SHARE * self.contrast
        return grey < self.background - step if self.is_dark else grey > self.background + step


def estimate_foreground(grey: Grey, smooth: Image.Image) -> Foreground:
    """Estimate the grey levels of background and ink.

    The background is the median of the border. The ink is on the side of it, darker or lighter, that has more
    energy: the sum of squared differences. Ink that does not stand out from the border's noise is none.

    For example, white paper (255) with 900 pixels of ink around 55 gives a background of 255 and dark ink with a
    contrast of 200.

    Args:
        grey: The image.
        smooth: The same, with its noise averaged out.

    Shapes:
        grey: (h, w).
    """
    edge = border(grey, max(1, min(grey.shape) // BORDER_SHARE))
    background = float(np.median(edge))
    noise = MAD_TO_SIGMA * float(np.median(np.abs(edge - background)))
    offsets = np.arange(GREY_LEVELS, dtype=np.float64) - background
    counts = np.where(np.abs(offsets) > LEAST_CONTRAST / 2, smooth.histogram(), 0)
    energy = counts * offsets**2
    is_dark = bool(energy[offsets < 0].sum() > energy[offsets > 0].sum())
    ink_counts = np.where(offsets < 0 if is_dark else offsets > 0, counts, 0)
    contrast = _weighted_percentile(np.abs(offsets), ink_counts, CONTRAST_PERCENTILE)
    return Foreground(
        background=background, contrast=contrast if contrast > NOISE_SIGMAS * noise else 0.0, is_dark=is_dark
    )


def border(grey: Grey, thickness: int) -> Grey:
    """Return the pixels of the outermost rows and columns.

    Shapes:
        grey: (h, w) -> (pixels,); corners are in it twice.
    """
    sides = grey[:thickness], grey[-thickness:], grey[:, :thickness], grey[:, -thickness:]
    return np.concatenate([side.ravel() for side in sides])


def locate(mask: Mask) -> tuple[Box, set[str]]:
    """Return the bounding box of all ink but specks, and the warnings that its place causes; the mask has ink.

    Shapes:
        mask: (h, w).
    """
    columns, rows = _segments(np.count_nonzero(mask, axis=0)), _segments(np.count_nonzero(mask, axis=1))
    left, top, right, bottom = box = columns[0].start, rows[0].start, columns[-1].stop, rows[-1].stop
    height, width = mask.shape
    warnings = set()
    if left == 0 or top == 0 or right == width or bottom == height:
        warnings.add("ink_at_edge")
    if _are_digits_beside(columns, mask) or _are_digits(rows, [row.stop - row.start for row in rows]):
        warnings.add("several_digits")
    return box, warnings


class _Segment(NamedTuple):
    """Neighbouring columns (or rows) with ink, between columns (or rows) without; *ink* counts its pixels."""

    start: int
    stop: int
    ink: int


def _segments(profile: NDArray[np.int64]) -> list[_Segment]:
    """Cut a projection profile (the ink in each column, or in each row) into segments, without specks.

    For example, ``[0, 5, 7, 0, 6]`` has the segments 1 to 3 with 12 pixels of ink, and 4 to 5 with 6.
    """
    changes = np.flatnonzero(np.diff(profile > 0, prepend=False, append=False)).tolist()
    bounds = zip(changes[::2], changes[1::2], strict=True)
    segments = [_Segment(start, stop, int(profile[start:stop].sum())) for start, stop in bounds]
    least = SPECK_SHARE * sum(segment.ink for segment in segments)
    return [segment for segment in segments if segment.ink >= least] or segments


def _are_digits_beside(columns: list[_Segment], mask: Mask) -> bool:
    if len(columns) == 1:
        return False
    return _are_digits(columns, [int(mask[:, part.start : part.stop].any(axis=1).sum()) for part in columns])


def _are_digits(segments: list[_Segment], heights: list[int]) -> bool:
    """Return whether two segments or more are tall and heavy enough for digits; a loose stroke is not."""
    tallest, heaviest = max(heights), max(segment.ink for segment in segments)
    alike = [
        height >= TALL_SHARE * tallest and segment.ink >= HEAVY_SHARE * heaviest
        for segment, height in zip(segments, heights, strict=True)
    ]
    return sum(alike) > 1


def _weighted_percentile(values: NDArray[np.float64], counts: NDArray[np.int64], share: float) -> float:
    """Return the least value that *share* of the counted values do not exceed; 0 if none is counted."""
    order = np.argsort(values)
    cumulative = np.cumsum(counts[order])
    if not cumulative[-1]:
        return 0.0
    return float(values[order][np.searchsorted(cumulative, share * cumulative[-1])])
