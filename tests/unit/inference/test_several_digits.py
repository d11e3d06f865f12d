"""A picture of several digits is told from one digit in several pieces."""

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image

Bytes = NDArray[np.uint8]

BESIDE, ABOVE = 1, 0
ROUNDS = 40


def is_told(canvas: Bytes, limits: InputLimits) -> bool:
    """Whether the picture is said to show several digits."""
    stream = BytesIO()
    Image.fromarray(canvas).save(stream, "PNG")
    return "several_digits" in read_image(stream.getvalue(), limits).warnings


def scaled(digit: Bytes, height: int) -> Bytes:
    """The digit's ink alone, *height* pixels tall."""
    rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    ink = Image.fromarray(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    width = max(2, round(ink.width * height / ink.height))
    return np.asarray(ink.resize((width, height), Image.Resampling.BICUBIC))


def lined_up(digits: list[Bytes], axis: int, rng: np.random.Generator) -> Bytes:
    """Digits in a line on one canvas, none of them quite where the line is."""
    widest, pieces = max(max(digit.shape) for digit in digits), []
    for digit in digits:
        room = [side + int(rng.integers(8, 60)) for side in digit.shape]
        room[1 - axis] = widest + 60
        piece = np.zeros(room, np.uint8)
        top, left = (int(rng.integers(4, free - side)) for free, side in zip(room, digit.shape, strict=True))
        piece[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
        pieces.append(piece)
    return np.pad(np.concatenate(pieces, axis=axis), 10)


@pytest.mark.parametrize("axis", [BESIDE, ABOVE], ids=["beside", "above"])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_several_digits_of_various_sizes_are_told(
    mnist: dict[str, Bytes], limits: InputLimits, count: int, axis: int
) -> None:
    """However many there are, beside or above each other; of forty canvases one may be missed."""
    rng = np.random.default_rng(count)
    told = 0
    for _ in range(ROUNDS):
        chosen = rng.integers(0, 10_000, count)
        digits = [scaled(mnist["x_test"][number], int(rng.integers(70, 121))) for number in chosen]
        told += is_told(lined_up(digits, axis, rng), limits)
    assert told >= ROUNDS - 1


@pytest.mark.parametrize("labels", [(1, 1, 8), (4, 4, 4, 4), (1, 0), (1, 1, 1, 1, 1)], ids=str)
def test_ones_and_equals_are_told(mnist: dict[str, Bytes], limits: InputLimits, labels: tuple[int, ...]) -> None:
    """A 1 counts for all its little ink, and nobody's share has to be large."""
    digits = [scaled(mnist["x_test"][list(mnist["y_test"]).index(label)], 100) for label in labels]
    assert is_told(lined_up(digits, BESIDE, np.random.default_rng(0)), limits)


def test_a_five_with_a_loose_bar_is_one_digit(limits: InputLimits) -> None:
    """Its bar is heavy, and stands apart, but it is not as tall as a digit would be."""
    canvas = np.zeros((300, 240), np.uint8)
    canvas[40:60, 80:180] = 255  # the bar
    canvas[70:150, 80:100] = 255  # down, across, down and back
    canvas[140:160, 80:170] = 255
    canvas[150:240, 150:170] = 255
    canvas[230:250, 70:170] = 255
    assert not is_told(canvas, limits)


def test_no_single_digit_is_taken_for_several(mnist: dict[str, Bytes], limits: InputLimits) -> None:
    """None of the first two thousand test digits, whose strokes are as broken as people's are."""
    assert not any(is_told(np.pad(scaled(digit, 60), 20), limits) for digit in mnist["x_test"][:2000])
