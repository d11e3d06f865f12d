"""A digit is laid out as MNIST's are, with half of its slant taken out."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from service.inference.pictures.layout import lay_out

Ink = NDArray[np.float32]


def _stroke(slant: float) -> Ink:
    """Draw a stroke of 100 rows that is 12 pixels wide, and moves to the right by *slant* for each row down."""
    ink = np.zeros((100, 12 + math.ceil(100 * abs(slant))), np.float32)
    for row in range(100):
        start = round(slant * (row if slant >= 0 else row - 99))
        ink[row, start : start + 12] = 200
    return ink


def _slant(ink: NDArray[np.generic]) -> float:
    """Return the slope of the rows' centres, by least squares."""
    rows = np.flatnonzero(ink.sum(axis=1))
    centres = [np.average(np.arange(ink.shape[1]), weights=ink[row]) for row in rows]
    return float(np.polyfit(rows, centres, 1)[0])


@pytest.mark.parametrize("slant", [-0.6, -0.2, 0.3, 0.6])
def test_half_of_the_slant_is_taken_out(slant: float) -> None:
    """The stroke leans half as far to its side, and no ink is lost."""
    pixels, _ = lay_out(_stroke(slant))

    assert _slant(pixels) == pytest.approx(slant / 2, abs=0.06)
    assert len(np.flatnonzero(pixels.sum(axis=1))) == 20


def test_an_upright_stroke_stays_upright() -> None:
    """Nothing is moved to a side, so the stroke is its own mirror image."""
    pixels, _ = lay_out(_stroke(0))
    inked = pixels[:, pixels.any(axis=0)]

    assert np.array_equal(inked, inked[:, ::-1])


@pytest.mark.parametrize("faint", [1e-6, 1e-3, 1])
def test_ink_that_is_hardly_taller_than_a_line_is_not_stretched_out(faint: float) -> None:
    """A line with a speck beside it has a slant without limit; at most as much as handwriting has is taken out."""
    ink = np.zeros((256, 256), np.float32)
    ink[0, :], ink[255, 255] = 200, faint

    pixels, shift = lay_out(ink)

    assert pixels.max() > 0
    assert max(map(abs, shift)) <= 28
