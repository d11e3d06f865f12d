"""Digits as visitors draw them on the page's pad: thirty styles, and the PNG that the page sends for each."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from tests.pictures.hand import FORMS, Line, Stroke, curve

#: The pad of service/page/ui/pad.js: a black canvas, and a white round pen. A browser test compares the two.
SIDE, PEN = 280, 20.0
DETAIL = 4  # a pixel of the pad is drawn as 4x4, for smooth edges
EDGE = 4.0  # pixels of the pad that stay free beside the ink


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one person draws.

    Attributes:
        height: Of the digits, in pixels of the pad, without the pen's width.
        pen: Width of the stroke, in pixels of the pad.
        width: Of the digits, as a share of their height.
        slant: Pixels to the right for each pixel up.
        jitter: How far the points and corners of a stroke are off, as a share of the digit's box.
        shake: How far the hand shakes between them, as a share of the same.
        place: Where the middle of the digit is, as shares of the pad.
        forms: The variants that this person writes, such as ``1 flag, 7 crossed``; other digits are plain.
    """

    height: float = 180.0
    pen: float = PEN
    width: float = 0.6
    slant: float = 0.0
    jitter: float = 0.03
    shake: float = 0.01
    place: tuple[float, float] = (0.5, 0.5)
    forms: str = ""

    def form(self, digit: int) -> str:
        """Return the name of the variant of *digit*."""
        chosen = dict(each.split(" ", 1) for each in self.forms.split(", ") if each)
        return chosen.get(str(digit), next(iter(FORMS[digit])))


EUROPEAN = "1 flag, 7 crossed, 4 open"
FOOTED = "1 flag and foot, 7 crossed and hooked, 4 closed"
STEEP = "1 long flag, 7 crossed, 9 curled"
SCHOOL = "0 open, 1 flag, 2 loop, 4 straight, 5 two strokes, 7 crossed, 9 curled"
PRINTED = "2 angular, 3 flat, 4 closed, 5 one stroke, 6 straight, 7 hooked, 8 two circles"

STYLES: dict[str, Style] = {
    "plain": Style(),
    "plain, large": Style(height=235),
    "plain, small": Style(height=90),
    "plain, tiny": Style(height=60, pen=14),
    "thin": Style(pen=8),
    "thin, large": Style(pen=10, height=235, width=0.7),
    "thin, small": Style(pen=6, height=80),
    "thick": Style(pen=34),
    "thick, large": Style(pen=40, height=220, width=0.7),
    "thick, small": Style(pen=24, height=105),
    "printed": Style(forms=PRINTED),
    "printed, wide": Style(forms=PRINTED, width=0.85),
    "printed, thin": Style(forms=PRINTED, pen=9, height=205),
    "round and wide": Style(width=0.85, forms="0 crossing, 2 loop, 5 round, 9 curled"),
    "narrow": Style(width=0.42, forms="4 straight, 6 straight"),
    "leaning forward": Style(slant=0.3, forms="2 loop, 9 curled"),
    "leaning back": Style(slant=-0.2, forms="4 closed"),
    "shaking": Style(jitter=0.04, shake=0.03, height=200),
    "in a corner": Style(height=120, place=(0.3, 0.3)),
    "at the bottom": Style(height=130, place=(0.6, 0.7), forms="0 open, 4 closed"),
    "European": Style(forms=EUROPEAN),
    "European, large": Style(forms=EUROPEAN, height=235),
    "European, small": Style(forms=EUROPEAN, height=95),
    "European, thin": Style(forms=EUROPEAN, pen=8, height=190),
    "European, thick": Style(forms=EUROPEAN, pen=34, height=200),
    "European with feet": Style(forms=FOOTED),
    "European with feet, thin": Style(forms=FOOTED, pen=9, height=205, width=0.7),
    "European, steep": Style(forms=STEEP),
    "European, leaning": Style(forms=STEEP, slant=0.25, height=200),
    "European, as in school": Style(forms=SCHOOL, width=0.65),
}


def drawing(style: Style, digit: int, rng: np.random.Generator) -> bytes:
    """Return the PNG that the page sends when a person of that style draws a digit."""
    lines = [_by_hand(stroke, style, rng) for stroke in FORMS[digit][style.form(digit)]]
    return png(_placed(_in_size(lines, style, rng), style, rng), style.pen)


def _by_hand(stroke: Stroke, style: Style, rng: np.random.Generator) -> Line:
    """Return a stroke as a person draws it: its points and corners are a little off, and the hand shakes."""
    points = np.asarray(stroke)
    off = rng.normal(0, style.jitter, points.shape) + rng.normal(0, 0.02, 2)
    corners = 1 + np.flatnonzero((points[1:] == points[:-1]).all(axis=1))
    off[corners] = off[corners - 1]
    line = curve(points + off)
    waves = np.sin(4 * np.pi * line[:, ::-1] + rng.uniform(0, 2 * np.pi, 2))
    return line + style.shake * rng.normal(0, 1, 2) * waves


def _in_size(lines: list[Line], style: Style, rng: np.random.Generator) -> list[Line]:
    """Return the strokes in pixels, around the origin, slanted and turned."""
    height = style.height * rng.uniform(0.85, 1.15)
    size = np.array([height * style.width * rng.uniform(0.75, 1.25), height])
    lean, turn = style.slant + rng.normal(0, 0.08), rng.normal(0, 0.07)
    shape = np.array([[1, 0], [-lean, 1]]) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [(line - 0.5) * size @ shape for line in lines]


def _placed(lines: list[Line], style: Style, rng: np.random.Generator) -> list[Line]:
    """Return the strokes on the pad, where the style puts them, or as close to it as the pad has room."""
    points = np.concatenate(lines)
    free = style.pen / 2 + EDGE
    scale = min(1.0, (SIDE - 2 * free) / float(np.ptp(points, axis=0).max()))
    low, high = points.min(axis=0) * scale, points.max(axis=0) * scale
    wanted = np.array(style.place) * SIDE + rng.normal(0, 8, 2) - (low + high) / 2
    return [line * scale + np.clip(wanted, free - low, SIDE - free - high) for line in lines]


def png(lines: list[Line], pen: float = PEN) -> bytes:
    """Return strokes as the pad draws and encodes them: opaque, white on black, with round ends and joints."""
    side = SIDE * DETAIL
    canvas = Image.new("L", (side, side))
    draw = ImageDraw.Draw(canvas)
    reach = pen * DETAIL / 2
    for line in lines:
        points = [(float(x) * DETAIL, float(y) * DETAIL) for x, y in line]
        draw.line(points, fill=255, width=round(2 * reach))
        for x, y in points:
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    stream = BytesIO()
    canvas.reduce(DETAIL).convert("RGBA").save(stream, "PNG", compress_level=1)
    return stream.getvalue()
