"""Finds the lines of ruled and squared paper, apart from the strokes that cross them."""

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""(h, w), 0 or 1."""

TILTS = np.tan(np.radians(sorted(np.arange(-3.0, 3.1, 0.5), key=abs)))  # that a sheet is photographed with
LEAST_COVER = 0.6  # of the picture's width that a line covers
STAND_OUT = 0.35  # by how much of the width a line covers more than the rows around it
COARSE = 8  # columns that are averaged while the tilt is searched for
THICKEST = 0.025  # of the picture's longer side: the thickest line


def find_rules(mask: Mask) -> Mask:
    """Return the pixels of lines from one side of the picture to the other, without the strokes that cross them."""
    return _rule_pixels(mask) | _rule_pixels(mask.T).T


def _rule_pixels(mask: Mask) -> Mask:
    """Return the pixels of horizontal lines that no stroke crosses."""
    height, width = mask.shape
    thickest = max(3, round(THICKEST * max(height, width)))
    mask = np.ascontiguousarray(mask)
    if np.count_nonzero(cv2.reduce(mask, 0, cv2.REDUCE_MAX)) < LEAST_COVER * width:
        return np.zeros_like(mask)
    coarse = cv2.resize(mask * 255, (max(2, width // COARSE), height), interpolation=cv2.INTER_AREA)
    best, found = 0.0, None
    for tilt in TILTS:
        rows, score = _rows_of_lines(_sheared(coarse, tilt * width / coarse.shape[1]), thickest)
        if score > best * 1.02:
            best, found = score, (tilt, rows)
    if found is None:
        return np.zeros_like(mask)
    tilt, rows = found
    band = _sheared(np.ascontiguousarray(np.broadcast_to(rows[:, None], mask.shape)), -tilt)
    crossing = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_run(rows) + 3, 1), np.uint8))
    rules: Mask = mask & band & ~crossing
    return rules


def _rows_of_lines(coarse: NDArray[np.uint8], thickest: int) -> tuple[Mask, float]:
    """Return which rows belong to lines, and how much they stand out in all. Shapes: (h, w), 0 to 255 -> (h,)."""
    cover = cv2.reduce(coarse, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F) / 255
    if float(cover.max()) <= LEAST_COVER:
        return np.zeros(len(cover), np.uint8), 0.0
    base = cv2.morphologyEx(cover, cv2.MORPH_OPEN, np.ones((2 * thickest + 1, 1), np.uint8))
    above = (cover - base)[:, 0]
    ends = cv2.dilate(np.maximum(coarse[:, 0], coarse[:, -1])[:, None], np.ones((5, 1)))[:, 0]
    peaks = (cover[:, 0] > LEAST_COVER) & (above > STAND_OUT) & (ends > 0)
    near = cv2.dilate(peaks.astype(np.uint8)[:, None], np.ones((5, 1), np.uint8))[:, 0]
    lines = (near & (above > STAND_OUT / 3)).astype(np.uint8)
    return lines, float((above[peaks] ** 2).sum())


def _run(rows: Mask) -> int:
    """Return the thickness of the thickest line."""
    edges = np.flatnonzero(np.diff(rows.astype(np.int8), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max())


def _sheared(mask: Mask, tilt: float) -> Mask:
    """Move each column down by *tilt* times its distance from the middle."""
    if not tilt:
        return mask
    height, width = mask.shape
    matrix = np.array([[1, 0, 0], [tilt, 1, -tilt * width / 2]])
    moved: Mask = cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_NEAREST)
    return moved
