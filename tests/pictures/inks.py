"""Digits written on sheets, in the colours that pens have."""

import numpy as np
from numpy.typing import NDArray

from tests.pictures.pens import ink
from tests.pictures.sheets import Colour, Sheet, room, sheet


def dark(rng: np.random.Generator) -> Colour:
    """Black ink, or nearly."""
    grey = rng.uniform(0, 70)
    return grey, grey, grey + rng.uniform(0, 20)


def pen_colour(rng: np.random.Generator) -> Colour:
    """A ball pen's or felt pen's colour: blue, red, green, black, violet."""
    colours = ((25, 45, 160), (190, 30, 40), (20, 110, 50), (30, 30, 35), (110, 30, 130))
    base = np.asarray(colours[int(rng.integers(len(colours)))], np.float64)
    red, green, blue = np.clip(base + rng.uniform(-15, 25, 3), 0, 255)
    return float(red), float(green), float(blue)


def written(  # noqa: PLR0913  # each is one thing that a person varies
    digit: NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    width: float = 0.0,
    aspect: float = 1.0,
    slant: float = 0.0,
    photo: bool = False,
    share: tuple[float, float] = (0.35, 0.75),
    margin: float = 0.08,
) -> Sheet:
    """A sheet with a digit anywhere on it; the longer side of the digit is a *share* of the sheet's shorter side."""
    light_on_dark = not photo and rng.random() < 0.4
    grey = rng.uniform(0, 40) if light_on_dark else rng.uniform(225, 255)
    page = sheet(rng, paper=(grey, grey, grey))
    alpha = ink(digit, rng.uniform(*share) * min(page.size), width=width, aspect=aspect, slant=slant)
    colour: Colour = (235, 235, 235) if light_on_dark else pen_colour(rng) if photo else dark(rng)
    page.box = page.lay(alpha, room(page, alpha, rng, margin), colour)
    return page
