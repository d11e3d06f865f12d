"""Digits beside what is no digit: rules, boxes, circles, underlines, punctuation, dust, bars and tool bars."""

import numpy as np
from numpy.typing import NDArray

from tests.pictures.inks import pen_colour, written
from tests.pictures.lights import paper
from tests.pictures.pens import Alpha, ellipse, ink, stroke, wobbly
from tests.pictures.sheets import Colour, Sheet, exported, photographed, room, sheet

Digit = NDArray[np.uint8]


def _on_paper(
    digit: Digit, rng: np.random.Generator, share: tuple[float, float]
) -> tuple[Sheet, Alpha, tuple[int, int], Colour]:
    """A blank sheet, the digit's ink, its place and its colour; the ink is laid later, over what is printed."""
    page = sheet(rng, paper=paper(rng))
    alpha = ink(digit, rng.uniform(*share) * min(page.size), width=rng.uniform(-0.4, 0.4))
    return page, alpha, room(page, alpha, rng, 0.12), pen_colour(rng)


def _rules(page: Sheet, rng: np.random.Generator, step: float, colour: Colour, *, squares: bool) -> None:
    width, height = page.size
    tilt = np.tan(np.radians(rng.uniform(-2, 2)))
    pen = rng.uniform(0.0025, 0.006) * min(page.size)
    for y in np.arange(rng.uniform(-step, step), height + step, step):
        page.lay(stroke(page.size, [(0, y), (width, y + tilt * width)], pen), (0, 0), colour)
    if squares:
        for x in np.arange(rng.uniform(-step, step), width + step, step):
            page.lay(stroke(page.size, [(x, 0), (x - tilt * height, height)], pen), (0, 0), colour)


def _ruled(digit: Digit, rng: np.random.Generator, colour: Colour, *, squares: bool = False) -> bytes:
    page, alpha, place, pen = _on_paper(digit, rng, (0.3, 0.65))
    step = alpha.shape[0] * (rng.uniform(0.15, 0.5) if squares else rng.uniform(0.3, 1.0))
    _rules(page, rng, max(step, 14), colour, squares=squares)
    page.lay(alpha, place, pen)
    return photographed(page, rng)


def lined(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit on lined paper, across its pale blue or grey lines."""
    colours: tuple[Colour, ...] = ((110, 150, 215), (150, 150, 158), (120, 175, 215))
    return _ruled(digit, rng, colours[int(rng.integers(3))])


def lined_dark(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit on lined paper whose lines are nearly as dark as the ink."""
    grey = rng.uniform(40, 100)
    return _ruled(digit, rng, (grey, grey, grey + 20))


def squared(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit on squared paper."""
    return _ruled(digit, rng, (125, 165, 215) if rng.random() < 0.6 else (155, 155, 160), squares=True)


def framed(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A canvas with a border of one to eight pixels around it."""
    page = written(digit, rng)
    thick, (width, height) = int(rng.integers(1, 9)), page.size
    border = np.ones((height, width), np.float32)
    border[thick : height - thick, thick : width - thick] = 0
    is_light = page.pixels[height // 2, 2, 0] > 128
    level = rng.uniform(0, 130) if is_light else rng.uniform(125, 255)
    page.lay(border, (0, 0), (level, level, level))
    return exported(page)


def boxed(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit in a box, as forms have them, or drawn by hand."""
    page = written(digit, rng, share=(0.25, 0.5), margin=0.22)
    left, top, right, bottom = page.box
    gap = rng.uniform(0.08, 0.3) * max(right - left, bottom - top)
    side = max(right - left, bottom - top) / 2 + gap
    x, y = (left + right) / 2, (top + bottom) / 2
    corners = [
        (x - side, y - side),
        (x + side, y - side),
        (x + side, y + side),
        (x - side, y + side),
        (x - side, y - side),
    ]
    amount = 0.0 if rng.random() < 0.5 else 0.04 * side
    page.lay(stroke(page.size, wobbly(corners, rng, amount), rng.uniform(0.02, 0.06) * side), (0, 0), _same_ink(page))
    return exported(page)


def circled(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit in a circle drawn by hand."""
    page = written(digit, rng, share=(0.25, 0.45), margin=0.25)
    left, top, right, bottom = page.box
    radius = np.hypot(right - left, bottom - top) / 2 * rng.uniform(1.12, 1.5)
    x, y = (left + right) / 2, (top + bottom) / 2
    ring = ellipse((x - radius, y - radius, x + radius, y + radius * rng.uniform(0.95, 1.1)), rng)
    page.lay(stroke(page.size, ring, rng.uniform(0.04, 0.09) * radius), (0, 0), _same_ink(page))
    return exported(page)


def underlined(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit that is underlined by hand, once or twice."""
    page = written(digit, rng, share=(0.3, 0.6), margin=0.15)
    left, _, right, bottom = page.box
    long = max(right - left, (bottom - page.box[1]) * 0.6) * rng.uniform(0.6, 1.0)
    x, y = (left + right) / 2, bottom + rng.uniform(0.06, 0.2) * (bottom - page.box[1])
    for number in range(1 + (rng.random() < 0.3)):
        low = y + number * 0.09 * (bottom - page.box[1])
        ends = [(x - long, low), (x + long, low + rng.uniform(-0.06, 0.06) * long)]
        pen = rng.uniform(0.025, 0.06) * (bottom - page.box[1])
        page.lay(stroke(page.size, wobbly(ends, rng, 0.03 * long), pen), (0, 0), _same_ink(page))
    return exported(page)


def punctuated(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit with a comma or a full stop behind it."""
    page = written(digit, rng, share=(0.3, 0.65), margin=0.15)
    _left, top, right, bottom = page.box
    high = bottom - top
    x, y, pen = (
        right + rng.uniform(0.08, 0.2) * high,
        bottom - rng.uniform(0, 0.05) * high,
        rng.uniform(0.06, 0.1) * high,
    )
    tail = rng.uniform(0.08, 0.2) * high if rng.random() < 0.6 else 0.02 * high
    page.lay(stroke(page.size, [(x, y - pen / 2), (x - 0.4 * tail, y + tail)], pen), (0, 0), _same_ink(page))
    return exported(page)


def dusty(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit among five to forty specks and hairs."""
    page = written(digit, rng)
    width, height = page.size
    for _ in range(int(rng.integers(5, 40))):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        long = rng.uniform(0.5, 4) if rng.random() < 0.85 else rng.uniform(8, 24)
        end = (x + long * rng.uniform(-1, 1), y + long * rng.uniform(-1, 1))
        page.lay(stroke(page.size, [(x, y), end], rng.uniform(1, 3)), (0, 0), _same_ink(page))
    return exported(page)


def barred(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A phone's screenshot of a white canvas with black bars above and below, or at the sides."""
    page = written(digit, rng, photo=True)
    width, height = page.size
    bars = [round(share * (height if upright else width)) for share, upright in ((rng.uniform(0.08, 0.25), True),)]
    black = np.zeros((height + 2 * bars[0], width, 3), np.float32)
    black[bars[0] : bars[0] + height] = page.pixels
    if rng.random() < 0.3:
        black = np.ascontiguousarray(np.pad(page.pixels, ((0, 0), (bars[0], bars[0]), (0, 0))))
    page.pixels = black
    return exported(page)


def under_a_tool_bar(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A screenshot of a drawing program: a grey bar with buttons is above the canvas."""
    page = written(digit, rng)
    width, _ = page.size
    high = round(rng.uniform(0.07, 0.14) * width)
    level = rng.uniform(195, 240) if rng.random() < 0.6 else rng.uniform(35, 90)
    bar = Sheet(pixels=np.full((high, width, 3), (level, level, level + 5), np.float32))
    for x in np.arange(0.3 * high, width * rng.uniform(0.4, 0.95), high * rng.uniform(0.9, 1.3)):
        button = np.ones((round(high * 0.5), round(high * rng.uniform(0.4, 0.6))), np.float32)
        bar.lay(button, (round(x), round(high * 0.25)), tuple(rng.uniform(30, 220, 3)))
    page.pixels = np.concatenate([bar.pixels, page.pixels])
    return exported(page)


def _same_ink(page: Sheet) -> Colour:
    """The colour of the digit's ink: the one in its box that differs most from the paper's, by the sum."""
    left, top, right, bottom = page.box
    part = page.pixels[top:bottom, left:right].reshape(-1, 3)
    corner = page.pixels[2, 2]
    red, green, blue = part[np.abs(part - corner).sum(axis=1).argmax()]
    return float(red), float(green), float(blue)
