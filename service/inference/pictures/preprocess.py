"""MNIST's own preparation of a digit, so that a drawing is judged by its shape and not by how it was drawn.

LeCun et al. (1998), *Gradient-based learning applied to document recognition*, III.A: scaled into 20x20
keeping its proportions, antialiased, and laid into 28x28 with its centre of mass in the middle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from service.inference.pictures.report import SIDE, PreparedImage

Grey = NDArray[np.uint8]
Box = tuple[int, int, int, int]

INNER_SIDE = 20
MIDDLE = SIDE / 2 + 0.5  # where the mean centre of mass of MNIST lies: the middle of its pixel 14
BORDER_SHARE = 40  # the border ring is a fortieth of the shorter side
BLUR_SHARE = 200  # noise is averaged over a two-hundredth of it
MAD_TO_SIGMA = 1.4826  # of a normal distribution

LEAST_CONTRAST = 16  # grey levels under which nothing is ink
FAIR_CONTRAST = 64
NOISE_SIGMAS = 3.0
INK_SHARE = 0.3  # of the ink's full depth, from which a pixel counts as ink
PAPER_SHARE = 0.08  # of it, under which a pixel counts as paper
SPECK_SHARE = 0.02  # of all ink, under which a part that stands apart is dirt
TALL_SHARE = 0.5  # of the tallest part's height, from which a part that stands apart may be a digit
HEAVY_SHARE = 0.2  # of the heaviest part's ink, likewise: that of a 1 beside a 0

MID_GREY = 128
PLAINLY_LIGHT = 160
PAPER_SPREAD = 32
PAPER_QUORUM = 0.75


@dataclass(frozen=True, kw_only=True)
class _Ink:
    """How ink and paper differ: by *depth* grey levels, ``dark`` or light ink on paper of *level*."""

    level: float
    depth: float
    dark: bool


def as_it_is(grey: Grey, warnings: tuple[str, ...] = ()) -> PreparedImage:
    """A picture that has the network's own size: the same bytes, inverted where it is plainly dark on light.

    Shapes:
        grey: (28, 28).
    """
    inverted = plainly_dark_on_light(grey)
    pixels = ~grey if inverted else grey
    told = tuple(sorted((*warnings, *contrast_warnings(int(pixels.max()) - int(pixels.min())))))
    return PreparedImage(pixels=pixels, width=SIDE, height=SIDE, inverted=inverted, warnings=told)


def plainly_dark_on_light(grey: Grey) -> bool:
    """Whether a 28x28 has light, even paper all round it, and is light on the whole.

    Noise, and a garment that fills the picture, are not plainly so and stay as they are.
    """
    if int(grey.sum()) < MID_GREY * grey.size:
        return False
    border = _border(grey, 1).astype(np.int16)
    level = np.median(border)
    return bool(level >= PLAINLY_LIGHT and np.mean(np.abs(border - level) <= PAPER_SPREAD) >= PAPER_QUORUM)


def contrast_warnings(depth: float) -> tuple[str, ...]:
    """What to say of ink that differs by *depth* grey levels from its paper."""
    if depth < LEAST_CONTRAST:
        return ("blank",)
    return ("low_contrast",) if depth < FAIR_CONTRAST else ()


def as_mnist(grey: Grey, size: tuple[int, int], warnings: tuple[str, ...] = ()) -> PreparedImage:
    """A picture of any size, made into what MNIST would have made of it.

    Args:
        grey: The picture, the right way up, perhaps reduced.
        size: Its width and height before it was reduced: what *crop* is told in.
        warnings: What is known of it already.

    Shapes:
        grey: (h, w) -> pixels: (28, 28).
    """
    width, height = size
    smooth = Image.fromarray(grey).filter(ImageFilter.BoxBlur(min(grey.shape) / BLUR_SHARE))
    ink = _ink(grey, np.array(smooth.histogram()))
    told = {*warnings, *contrast_warnings(ink.depth)}
    if "blank" in told:
        pixels = np.zeros((SIDE, SIDE), np.uint8)
        return PreparedImage(pixels=pixels, width=width, height=height, warnings=tuple(sorted(told)))
    box, found = _find(_mask(np.asarray(smooth), ink))
    pixels, shift = _centred(_scaled(grey, box, ink))
    return PreparedImage(
        pixels=pixels,
        width=width,
        height=height,
        inverted=ink.dark,
        crop=_enlarged(box, grey.shape, size),
        shift=shift,
        warnings=tuple(sorted(told | found)),
    )


def _ink(grey: Grey, histogram: NDArray[np.int64]) -> _Ink:
    """Tell ink from paper: paper is what the border mostly is, ink is on the side of it with more energy.

    Shapes:
        grey: (h, w), for its border.
        histogram: (256,), of the same smoothed.
    """
    border = _border(grey, max(1, min(grey.shape) // BORDER_SHARE))
    level = float(np.median(border))
    noise = MAD_TO_SIGMA * float(np.median(np.abs(border - level)))
    offsets = np.arange(256, dtype=np.float64) - level
    counts = histogram * (np.abs(offsets) > LEAST_CONTRAST / 2)
    energy = counts * offsets**2
    dark = bool(energy[offsets < 0].sum() > energy[offsets > 0].sum())
    inked = np.where((offsets < 0) == dark, counts, 0)
    depth = _depth(inked[::-1] if dark else inked, (-offsets)[::-1] if dark else offsets)
    return _Ink(level=level, depth=depth if depth > NOISE_SIGMAS * noise else 0.0, dark=dark)


def _depth(counts: NDArray[np.int64], depths: NDArray[np.float64]) -> float:
    """The depth that 98 of 100 ink pixels do not exceed; 0 where there is no ink."""
    total = np.cumsum(counts)
    return float(depths[np.searchsorted(total, 0.98 * total[-1])]) if total[-1] else 0.0


def _border(grey: Grey, thickness: int) -> Grey:
    edges = grey[:thickness], grey[-thickness:], grey[:, :thickness], grey[:, -thickness:]
    return np.concatenate([edge.ravel() for edge in edges])


def _depths(grey: Grey, ink: _Ink) -> NDArray[np.float32]:
    """How far each pixel is from the paper towards the ink, in grey levels."""
    offsets = grey.astype(np.float32) - np.float32(ink.level)
    return -offsets if ink.dark else offsets


def _mask(grey: Grey, ink: _Ink) -> NDArray[np.bool_]:
    step = INK_SHARE * ink.depth
    return grey < ink.level - step if ink.dark else grey > ink.level + step


def _find(mask: NDArray[np.bool_]) -> tuple[Box, set[str]]:
    """The box round all ink but specks, and the warnings that its place gives rise to."""
    columns, rows = (_parts(np.count_nonzero(mask, axis=axis)) for axis in (0, 1))
    left, top, right, bottom = columns[0].start, rows[0].start, columns[-1].stop, rows[-1].stop
    height, width = mask.shape
    found = set()
    if left == 0 or top == 0 or right == width or bottom == height:
        found.add("ink_at_edge")
    beside = _are_digits(columns, lambda part: int(mask[:, part.start : part.stop].any(axis=1).sum()))
    if beside or _are_digits(rows, lambda part: part.stop - part.start):
        found.add("several_digits")
    return (left, top, right, bottom), found


class _Part(NamedTuple):
    """A stretch of rows or columns that paper parts from others, with the number of its inked pixels."""

    start: int
    stop: int
    ink: int


def _parts(counts: NDArray[np.int64]) -> list[_Part]:
    """The stretches with ink, but for specks."""
    steps = np.flatnonzero(np.diff(counts > 0, prepend=False, append=False)).tolist()
    parts = [_Part(a, b, int(counts[a:b].sum())) for a, b in zip(steps[::2], steps[1::2], strict=True)]
    least = SPECK_SHARE * sum(part.ink for part in parts)
    return [part for part in parts if part.ink >= least] or parts


def _are_digits(parts: list[_Part], height: Callable[[_Part], int]) -> bool:
    """Whether several are as tall and as heavy as digits beside each other are; a loose stroke is not."""
    if len(parts) == 1:
        return False
    heights, inks = np.array([(height(part), part.ink) for part in parts]).T
    alike = (heights >= TALL_SHARE * heights.max()) & (inks >= HEAVY_SHARE * inks.max())
    return int(alike.sum()) > 1


def _scaled(grey: Grey, box: Box, ink: _Ink) -> NDArray[np.float32]:
    """The ink in its box, scaled so that its longer side is 20, from 0 (paper) to 255.

    Shapes:
        grey: (h, w) -> (20 or less, 20 or less).
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    scale = INNER_SIDE / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.HAMMING, box))
    depths = _depths(small, ink)
    paper = PAPER_SHARE * ink.depth
    full = max(float(depths.max()), paper + 1)
    return np.asarray(np.clip((depths - paper) * (255 / (full - paper)), 0, 255), np.float32)


def _centred(small: NDArray[np.float32]) -> tuple[Grey, tuple[int, int]]:
    """Lay it into 28x28 with its centre of mass in the middle, as far as it fits.

    Shapes:
        small: (h, w) -> (28, 28).
    """
    top, down = _offset(small.sum(axis=1))
    left, across = _offset(small.sum(axis=0))
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[top : top + small.shape[0], left : left + small.shape[1]] = np.rint(small)
    return pixels, (across, down)


def _offset(mass: NDArray[np.float32]) -> tuple[int, int]:
    """Where the first row or column goes, and how far that is from putting the box in the middle."""
    room = SIDE - len(mass)
    total = float(mass.sum())
    centre = float(mass @ (np.arange(len(mass)) + 0.5)) / total if total else len(mass) / 2
    place = min(max(round(MIDDLE - centre), 0), room)
    return place, place - room // 2


def _enlarged(box: Box, shape: tuple[int, ...], size: tuple[int, int]) -> Box:
    """The box in the pixels of the picture before it was reduced."""
    left, top, right, bottom = box
    (height, width), (full_width, full_height) = shape, size
    return (
        left * full_width // width,
        top * full_height // height,
        -(-right * full_width // width),
        -(-bottom * full_height // height),
    )
