"""The shapes of ink: a test digit as a pen draws it, and the lines, boxes and marks that people draw beside it."""

import itertools

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Alpha = NDArray[np.float32]
"""How much ink covers each pixel, from 0 to 1. Shapes: (h, w)."""

DETAIL = 8  # a pixel of MNIST becomes 8x8 before the pen's width is changed
THRESHOLD = 127
MARGIN = 4  # pixels of MNIST around the digit, for wide pens

#: The segments of a display that show each digit, of "abcdefg" clockwise from the top, g in the middle.
SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abfgcd")
_ENDS = {
    "a": (0, 0, 1, 0),
    "b": (1, 0, 1, 1),
    "c": (1, 1, 1, 2),
    "d": (0, 2, 1, 2),
    "e": (0, 1, 0, 2),
    "f": (0, 0, 0, 1),
    "g": (0, 1, 1, 1),
}


def ink(
    digit: NDArray[np.uint8], height: float, *, width: float = 0.0, aspect: float = 1.0, slant: float = 0.0
) -> Alpha:
    """Return a digit as a pen of sharp edges draws it, cropped to its ink.

    Args:
        digit: A digit of MNIST. Shapes: (28, 28).
        height: Of the digit, in pixels; a wide digit is less high, so that its longer side has this length.
        width: How much wider the stroke becomes, in pixels of MNIST; below 0 it becomes thinner.
        aspect: By how much the digit is stretched sideways.
        slant: Pixels to the right for each pixel up.
    """
    large = _enlarged(digit)
    if width:
        size = 2 * round(abs(width) * DETAIL / 2) + 1
        large = large.filter(ImageFilter.MaxFilter(size) if width > 0 else ImageFilter.MinFilter(size))
    if slant:
        middle = large.height / 2
        large = large.transform(
            large.size, Image.Transform.AFFINE, (1, slant, -slant * middle, 0, 1, 0), Image.Resampling.BILINEAR
        )
    box = large.getbbox() or (0, 0, *large.size)
    scale = height / max((box[2] - box[0]) * aspect, box[3] - box[1])
    size = max(2, round((box[2] - box[0]) * aspect * scale)), max(2, round((box[3] - box[1]) * scale))
    return np.asarray(large.resize(size, Image.Resampling.BOX, box), np.float32) / 255


def _enlarged(digit: NDArray[np.uint8]) -> Image.Image:
    side = (digit.shape[0] + 2 * MARGIN) * DETAIL
    smooth = Image.fromarray(np.pad(digit, MARGIN)).resize((side, side), Image.Resampling.BICUBIC)
    sharp = (np.asarray(smooth, np.float32) / 255 - 0.35) * 4
    return Image.fromarray(np.rint(np.clip(sharp, 0, 1) * 255).astype(np.uint8))


def thin(digit: NDArray[np.uint8], height: float, pen: float) -> Alpha:
    """Return a digit by a thin pen: a line *pen* pixels wide along the middle of its strokes."""
    small = np.asarray(_enlarged(digit).reduce(2)) > THRESHOLD
    middle = Image.fromarray((_thinned(small) * 255).astype(np.uint8))
    left, top, right, bottom = middle.getbbox() or (0, 0, *middle.size)
    scale = height / max(right - left, bottom - top)
    size = max(2, round((right - left) * scale)), max(2, round((bottom - top) * scale))
    y, x = np.nonzero(np.asarray(middle)[top:bottom, left:right])
    wide = Image.new("L", (2 * size[0] + round(4 * pen), 2 * size[1] + round(4 * pen)))
    draw = ImageDraw.Draw(wide)
    for across, down in zip(x * 2 * scale + 2 * pen, y * 2 * scale + 2 * pen, strict=True):
        reach = max(pen, 1.2 * scale)
        draw.ellipse((across - reach, down - reach, across + reach, down + reach), fill=255)
    return np.asarray(wide.reduce(2), np.float32) / 255


def _thinned(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the middle line of strokes (Zhang and Suen, 1984). Shapes: (h, w)."""
    mask, changed, half = mask.copy(), True, 0
    idle = 0
    while changed or idle < 1:
        idle = 0 if changed else idle + 1
        padded = np.pad(mask, 1)
        ring = [
            padded[1 + dy : padded.shape[0] - 1 + dy, 1 + dx : padded.shape[1] - 1 + dx]
            for dy, dx in ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
        ]
        count = sum(each.astype(np.int8) for each in ring)
        turns = sum((~one & other).astype(np.int8) for one, other in zip(ring, [*ring[1:], ring[0]], strict=True))
        north, east, south, west = ring[::2]
        open_side = ~(north & east & south) & ~(east & south & west)
        if half:
            open_side = ~(north & east & west) & ~(north & south & west)
        gone = mask & (count >= 2) & (count <= 6) & (turns == 1) & open_side  # type: ignore[operator]  # sum() may be the int 0
        changed, half = bool(gone.any()), 1 - half
        mask &= ~gone
    return mask


def outlined(digit: NDArray[np.uint8], height: float, pen: float, width: float) -> Alpha:
    """Return the outline of a digit of wide strokes; *pen* is the outline's width, in pixels of the picture."""
    solid = np.pad(ink(digit, height, width=width), 2)
    size = 2 * max(1, round(pen)) + 1
    inner = Image.fromarray((solid * 255).astype(np.uint8)).filter(ImageFilter.MinFilter(size))
    return np.asarray(np.clip(solid - np.asarray(inner, np.float32) / 255, 0, 1), np.float32)


def seven_segments(label: int, height: float, rng: np.random.Generator) -> Alpha:
    """Return a digit of a display with seven segments, with or without gaps between them."""
    high, wide = round(height), round(height * rng.uniform(0.45, 0.6))
    thick = max(3, round(height * rng.uniform(0.09, 0.15)))
    gap = round(thick * rng.uniform(0.0, 0.3))
    canvas = Image.new("L", (wide, high))
    draw = ImageDraw.Draw(canvas)
    across, down = wide - thick, (high - thick) / 2
    for name in SEGMENTS[label]:
        x0, y0, x1, y1 = _ENDS[name]
        is_flat = y0 == y1
        left, top = x0 * across + (gap + thick / 2 if is_flat else 0), y0 * down + (0 if is_flat else gap + thick / 2)
        right = x1 * across + thick - (gap + thick / 2 if is_flat else 0)
        bottom = y1 * down + thick - (0 if is_flat else gap + thick / 2)
        draw.rectangle((left, top, right - 1, bottom - 1), fill=255)
        if not gap:
            draw.rectangle((x0 * across, y0 * down, x1 * across + thick - 1, y1 * down + thick - 1), fill=255)
    return np.asarray(canvas, np.float32) / 255


def stroke(size: tuple[int, int], points: list[tuple[float, float]], pen: float) -> Alpha:
    """Return a line through *points* (x, y) on a canvas of *size* (width, height), drawn with smooth edges."""
    canvas = Image.new("L", (size[0] * 2, size[1] * 2))
    doubled = [(x * 2, y * 2) for x, y in points]
    draw = ImageDraw.Draw(canvas)
    draw.line(doubled, fill=255, width=max(1, round(pen * 2)), joint="curve")
    return np.asarray(canvas.resize(size, Image.Resampling.BOX), np.float32) / 255


def wobbly(points: list[tuple[float, float]], rng: np.random.Generator, amount: float) -> list[tuple[float, float]]:
    """Return a line through *points* as a hand draws it: twelve points on each side, each a little off."""
    found: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        drift = np.cumsum(rng.normal(0, amount / 3, (12, 2)), axis=0)
        drift -= np.linspace(0, 1, 12)[:, None] * drift[-1]
        for share, (dx, dy) in zip(np.linspace(0, 1, 12), drift, strict=True):
            found.append((x0 + share * (x1 - x0) + dx, y0 + share * (y1 - y0) + dy))
    return found


def ellipse(box: tuple[float, float, float, float], rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the points of a circle that a hand draws within *box*: its ends meet, or cross a little."""
    left, top, right, bottom = box
    start, turn = rng.uniform(0, 2 * np.pi), 2 * np.pi + rng.uniform(0.0, 0.25)
    angles = np.linspace(start, start + turn, 60)
    radius = 1 + 0.04 * np.sin(2 * angles + rng.uniform(0, 6)) + np.linspace(0, rng.uniform(-0.05, 0.05), 60)
    x = (left + right) / 2 + (right - left) / 2 * radius * np.cos(angles)
    y = (top + bottom) / 2 + (bottom - top) / 2 * radius * np.sin(angles)
    return list(zip(x.tolist(), y.tolist(), strict=True))
