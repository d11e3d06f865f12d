"""Finds the paper of a picture, and by how much each pixel differs from the paper around it: that is the ink.

The difference is one of colours, so that ink as bright as its paper is found. Where light is uneven, the paper is the
median of a wide neighbourhood, which follows shadows and keeps the straight edges of bars and desks.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(h, w) grey levels, or (h, w, 3) colours."""
Plane = NDArray[np.float32]
"""(h, w)."""

cv2.setNumThreads(1)  # requests have threads already

GREY_AXES = 2
COARSE_SIDE = 128  # the paper is estimated on a picture of this longer side
WINDOW, OTHER_WINDOWS = 0.18, (0.27, 0.12, 0.08)  # of the shorter side: neighbourhoods in which paper is searched for
KEPT, CLEARLY = 0.85, 0.7  # of the strong ink and of all ink that the widest window leaves
FAINT, STRONG, STRONGEST = 0.2, 0.6, 0.99  # of the ink's contrast, which is that quantile of all pixels
RING_SHARE = 40  # the border ring is a fortieth of the shorter side
RING_STEP = 5  # of that many of its pixels one is taken
EVEN_RING = 0.9  # of the border ring's pixels that have the paper's colour, if it is even
THICKEST = 0.2  # of the shorter side: half the width of the thickest stroke; what is thicker is no ink
NOISE_ROWS = 16  # of the picture, in which noise is measured
LEAST_NOISE = 2.5  # grey levels
LEAST_TOLERANCE, NOISE_SIGMAS = 10.0, 4.0  # how far a pixel of an even paper may lie from its colour
MAD_TO_SIGMA = 1.4826  # of a normal distribution: its standard deviation over its median absolute deviation
MOST_INK = 0.45  # of the picture
SMOOTH_SHARE = 0.01  # of the picture
LIGHT_INK = 0.4  # light shapes on uneven paper are loops of dark ink, unless they have so much more energy
LARGEST_GAIN = 4.0  # the darkest shadow leaves a quarter of the light
WELL_LIT = 0.9  # quantile of the paper's brightness


@dataclass(frozen=True, kw_only=True)
class Ink:
    """How far each pixel lies from the paper around it.

    Attributes:
        strength: The distance in grey levels; ink in a shadow is as strong as ink in the light.
        is_dark: Whether most ink is darker than its paper.
        is_uneven: Whether the paper's colour varies.
        noise: The typical strength of a pixel without ink.

    Shapes:
        strength: (h, w).
    """

    strength: Plane
    is_dark: bool
    is_uneven: bool
    noise: float


def has_colours(pixels: Pixels) -> bool:
    """Return whether a picture has channels: (h, w, 3) and not (h, w)."""
    return len(pixels.shape) != GREY_AXES


def to_grey(pixels: Pixels) -> Pixels:
    """Return the brightness of a picture. Shapes: (h, w) or (h, w, 3) -> (h, w)."""
    grey: Pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if has_colours(pixels) else pixels
    return grey


def find_ink(pixels: Pixels) -> Ink:
    """Return the ink of a picture, whose longer side has a few hundred pixels."""
    smooth = cv2.GaussianBlur(pixels, (3, 3), 0)
    level, noise = _border_level(pixels)
    tolerance = max(LEAST_TOLERANCE, NOISE_SIGMAS * noise)
    even = np.broadcast_to(level, pixels.shape).copy()
    ink = _between(smooth, even, even, noise, is_uneven=False)
    if _is_even(ink.strength, tolerance):
        return ink
    least, most = _local_paper(pixels)
    ink = _between(smooth, least, most, noise, is_uneven=True)
    if ink.is_dark:
        cv2.multiply(ink.strength, _gain(most), dst=ink.strength)
    return ink


def _between(smooth: Pixels, least: Pixels, most: Pixels, noise: float, *, is_uneven: bool) -> Ink:
    """Return the ink outside the levels that the paper may have. OpenCV's subtraction of bytes ends at 0."""
    below, above = cv2.subtract(least, smooth), cv2.subtract(smooth, most)  # one of them is 0 at each pixel
    is_dark = cv2.norm(below, cv2.NORM_L2SQR) > cv2.norm(above, cv2.NORM_L2SQR)
    return Ink(
        strength=_length(cv2.add(below, above)), is_dark=is_dark, is_uneven=is_uneven, noise=max(LEAST_NOISE, noise)
    )


def _border_level(pixels: Pixels) -> tuple[Pixels, float]:
    """Return the median colour of the border, and the noise: by how much neighbours there differ."""
    thick = max(1, min(pixels.shape[:2]) // RING_SHARE)
    flat = pixels.reshape(*pixels.shape[:2], -1)
    sides = flat[:thick], flat[-thick:], flat[:, :thick], flat[:, -thick:]
    ring = np.concatenate([side.reshape(-1, flat.shape[2])[::RING_STEP] for side in sides])
    rows = flat[:: max(1, len(flat) // NOISE_ROWS), :, 0].astype(np.int16)
    noise = float(np.median(np.abs(np.diff(rows, axis=1)))) * MAD_TO_SIGMA / 2**0.5 if rows.shape[1] > 1 else 0.0
    level = np.median(ring, axis=0).astype(np.uint8)
    return level if has_colours(pixels) else level[0], noise


def _length(offsets: Pixels) -> Plane:
    """Return the length of offsets; for greys it is that of the levels. Shapes: (h, w) or (h, w, 3) -> (h, w)."""
    if not has_colours(offsets):
        return offsets.astype(np.float32)
    squares = cv2.multiply(offsets, offsets, dtype=cv2.CV_32F)
    length: Plane = cv2.sqrt(cv2.transform(squares, np.full((1, 3), 1 / 3)))
    return length


def _is_even(strength: Plane, tolerance: float) -> bool:
    """Return whether the border has one colour, and nothing is too thick for ink."""
    inked = (strength > tolerance).astype(np.uint8)
    edge = np.concatenate([inked[0], inked[-1], inked[:, 0], inked[:, -1]])
    if edge.mean() > 1 - EVEN_RING:
        return False
    if cv2.countNonZero(inked) > MOST_INK * inked.size or _is_smooth(strength, tolerance):
        return False
    thickest = cv2.distanceTransform(inked, cv2.DIST_L2, 3).max()
    return bool(thickest <= max(2.0, THICKEST * min(strength.shape)))


def _is_smooth(strength: Plane, tolerance: float) -> bool:
    """Return whether light fades over a part of the picture: many pixels lie between paper and ink, without an edge."""
    some = np.ascontiguousarray(strength[::2, ::2])
    faint = (some > tolerance) & (some < 0.6 * float(some.max()))
    around = np.ones((3, 3), np.uint8)
    even = cv2.dilate(some, around) - cv2.erode(some, around) < np.maximum(0.25 * some, tolerance / 2)
    return float(np.count_nonzero(faint & even)) > SMOOTH_SHARE * some.size


def _local_paper(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """Return the least and the largest level that the paper has near each pixel: strokes are closed by their sides.

    A window that is much wider than the strokes leaves narrow shadows in the ink, and one that is narrower takes the
    thickest places of strokes for paper.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, COARSE_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    coarse = cv2.medianBlur(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), 3)
    paper = _best([_closed(coarse, window * min(size)) for window in (WINDOW, *OTHER_WINDOWS)], coarse)
    around = np.ones((3, 3), np.uint8)
    least, most = cv2.erode(paper, around), cv2.dilate(paper, around)
    return cv2.resize(least, (width, height)), cv2.resize(most, (width, height))


def _best(papers: list[Pixels], coarse: Pixels) -> Pixels:
    """Return the paper that leaves the clearest ink: the first, unless another one is clearly better.

    A better one has less ink that is faint and, if its window is wider, more that is strong; if it is narrower, clearly
    less ink, and nearly all that is strong.
    """
    strengths = [_length(cv2.absdiff(coarse, each)) * _gain(each) for each in papers]
    contrast = float(np.quantile(strengths[0], STRONGEST))
    strong, inked = ([np.count_nonzero(each > share * contrast) for each in strengths] for share in (STRONG, FAINT))
    best = 0
    for number in range(1, len(papers)):
        is_clearer = inked[number] - strong[number] < inked[0] - strong[0] and strong[number] > strong[0]
        is_less = strong[number] > KEPT * strong[0] and inked[number] < CLEARLY * inked[0]
        best = number if is_clearer or is_less else best
    return papers[best]


def _closed(coarse: Pixels, window: float) -> Pixels:
    """Return the paper behind strokes that are narrower than *window*, in pixels."""
    side = max(3, round(window) // 2 * 2 + 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed, opened = (cv2.morphologyEx(coarse, kind, disc) for kind in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN))
    darker, lighter = (
        each.reshape(coarse.shape[0] * coarse.shape[1], -1) for each in (closed - coarse, coarse - opened)
    )
    dark, light = (np.einsum("ij,ij->j", each, each, dtype=np.float32) for each in (darker, lighter))
    paper: Pixels = np.where(dark >= LIGHT_INK * light, closed, opened)
    return paper


def _gain(paper: Pixels) -> Plane:
    """Return by how much light is missing at each pixel of the paper."""
    brightness = to_grey(paper)
    lit = float(np.quantile(brightness[::4, ::4], WELL_LIT))
    gains = np.clip(lit / np.maximum(np.arange(256, dtype=np.float32), 1), 1, LARGEST_GAIN).astype(np.float32)
    return np.asarray(gains[brightness], np.float32)
