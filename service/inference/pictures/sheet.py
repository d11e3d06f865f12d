"""Finds the sheet of paper within a picture: inside bars, frames and tool bars, and on a desk."""

import cv2
import numpy as np
from numpy.typing import NDArray

from service.inference.pictures.paper import COARSE_SIDE, Pixels, has_colours, to_grey

Box = tuple[int, int, int, int]
"""``(left, top, right, bottom)``; right and bottom lie just outside."""

STEP, SHARP_STEP = 24, 12  # grey levels by which the two sides of a bar's edge differ, and of one within a pixel
ACROSS = 0.85  # of the picture's width along which a bar's edge runs
BAR = 3  # hundredths of the picture's length: a bar without much contrast is at least as thick; a rule is not
SAMPLES = 60  # columns that are looked at
OUTER = 0.4  # of the picture's height in which bars are looked for, from each side
NOTE_CONTRAST = 40  # grey levels between a note and its desk
NOTE_SHARE = (0.12, 0.9)  # of the picture that a note covers
FILL = 0.88  # of its rotated bounding box that a note covers
SHARP = 0.6  # of the contrast that the note's edge has within three coarse pixels


def trim(pixels: Pixels) -> Box:
    """Return the box within bars and frames: inside the innermost straight edges that cross the whole picture."""
    grey = to_grey(pixels)
    top, bottom = _bars(grey)
    left, right = _bars(grey[top:bottom].T)
    return left, top, right, bottom


def _bars(grey: Pixels) -> tuple[int, int]:
    """Return the first row after the bars at the top, and the first row of those at the bottom."""
    length = len(grey)
    reach = max(2, length // 100)
    if length < 8 * reach:
        return 0, length
    some = np.ascontiguousarray(grey[:, :: max(1, grey.shape[1] // SAMPLES)])
    outer, top, bottom = OUTER * length, 0, length
    for apart, wide, step in ((reach, 2 * reach, STEP), (1, BAR * reach, SHARP_STEP)):
        edges = _crossings(some, apart, wide, step) & _crossings(some, wide, apart, step)
        rows = np.flatnonzero(edges).tolist()
        top = max([top, *(row + apart for row in rows if row < outer)])
        bottom = min([bottom, *(row - apart for row in rows if row > length - outer)])
    return top, bottom


def _crossings(grey: Pixels, above: int, below: int, step: int) -> NDArray[np.bool_]:
    """Return for each row whether the pixels so many rows *above* and *below* it differ by more than *step*.

    They need to differ along nearly all of the row.
    """
    rows = np.arange(len(grey))
    upper, lower = grey[np.maximum(rows - above, 0)], grey[np.minimum(rows + below, len(grey) - 1)]
    differing = cv2.compare(cv2.absdiff(upper, lower), float(step), cv2.CMP_GT)  # 0 or 255
    return np.asarray(cv2.reduce(differing, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)[:, 0] > ACROSS * 255)


def find_note(pixels: Pixels) -> NDArray[np.uint8] | None:
    """Return the mask of a bright note on a darker desk; ``None`` if the picture shows none.

    Shapes:
        pixels: (h, w) or (h, w, 3) -> (h, w).
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, COARSE_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    coarse = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = coarse.max(axis=2) if has_colours(coarse) else coarse
    _, bright = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
    if count == 1:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    contours, _ = cv2.findContours((labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=len)
    filled = cv2.drawContours(np.zeros_like(grey), [outline], -1, 1, cv2.FILLED)
    if not _is_note(outline, filled, grey):
        return None
    inside = cv2.erode(filled, np.ones((3, 3), np.uint8), borderValue=0)
    note: NDArray[np.uint8] = cv2.resize(inside, (width, height), interpolation=cv2.INTER_NEAREST)
    return note


def _is_note(outline: NDArray[np.int32], filled: NDArray[np.uint8], grey: NDArray[np.uint8]) -> bool:
    """Return whether a bright region is a rectangle with sharp edges, darker around."""
    if not NOTE_SHARE[0] < float(filled.mean()) < NOTE_SHARE[1]:
        return False
    (_, (long, short), _) = cv2.minAreaRect(outline)
    if filled.sum() < FILL * (long + 1) * (short + 1):
        return False
    near, far = (np.ones((side, side), np.uint8) for side in (3, 5))
    inner, outer = cv2.erode(filled, far) > 0, cv2.dilate(filled, far) == 0
    rim_in = (cv2.erode(filled, near) > 0) & ~inner
    rim_out = (cv2.dilate(filled, near) == 0) & ~outer
    if not all(region.any() for region in (inner, outer, rim_in, rim_out)):
        return False
    contrast, step = (
        float(np.median(grey[one])) - float(np.median(grey[other]))
        for one, other in ((inner, outer), (rim_in, rim_out))
    )
    return contrast >= NOTE_CONTRAST and step > SHARP * contrast
