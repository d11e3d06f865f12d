"""An image of several digits causes a warning; one digit in several pieces does not."""

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


def has_warning(canvas: Bytes, limits: InputLimits) -> bool:
    """Return whether the warning ``several_digits`` is given."""
    stream = BytesIO()
    Image.fromarray(canvas).save(stream, "PNG")
    return "several_digits" in read_image(stream.getvalue(), limits).warnings


def scaled(digit: Bytes, height: int) -> Bytes:
    """The digit cropped to its ink, and scaled to *height* pixels."""
    rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    ink = Image.fromarray(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    width = max(2, round(ink.width * height / ink.height))
    return np.asarray(ink.resize((width, height), Image.Resampling.BICUBIC))


def lined_up(digits: list[Bytes], axis: int, rng: np.random.Generator) -> Bytes:
    """Digits in a row or a column on one canvas, each a little off the line."""
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
def test_several_digits_of_various_sizes_cause_the_warning(
    mnist: dict[str, Bytes], limits: InputLimits, count: int, axis: int
) -> None:
    """Two to five digits, beside or above each other, cause the warning on all but one of forty canvases."""
    rng = np.random.default_rng(count)
    warned = 0
    for _ in range(ROUNDS):
        chosen = rng.integers(0, 10_000, count)
        digits = [scaled(mnist["x_test"][number], int(rng.integers(70, 121))) for number in chosen]
        warned += has_warning(lined_up(digits, axis, rng), limits)
    assert warned >= ROUNDS - 1


@pytest.mark.parametrize("labels", [(1, 1, 8), (4, 4, 4, 4), (1, 0), (1, 1, 1, 1, 1)], ids=str)
def test_ones_and_equals_cause_the_warning(
    mnist: dict[str, Bytes], limits: InputLimits, labels: tuple[int, ...]
) -> None:
    """A 1, with its little ink, counts as a digit, and so do digits of equal ink."""
    digits = [scaled(mnist["x_test"][list(mnist["y_test"]).index(label)], 100) for label in labels]
    assert has_warning(lined_up(digits, BESIDE, np.random.default_rng(0)), limits)


def test_a_five_with_a_loose_bar_is_one_digit(limits: InputLimits) -> None:
    """A 5 whose bar stands apart is one digit: the bar is heavy, but not tall."""
    canvas = np.zeros((300, 240), np.uint8)
    canvas[40:60, 80:180] = 255  # the bar
    canvas[70:150, 80:100] = 255  # down, across, down and back
    canvas[140:160, 80:170] = 255
    canvas[150:240, 150:170] = 255
    canvas[230:250, 70:170] = 255
    assert not has_warning(canvas, limits)


def test_a_single_digit_causes_no_warning(mnist: dict[str, Bytes], limits: InputLimits) -> None:
    """None of the first 600 test digits, some with broken strokes, causes the warning."""
    assert not any(has_warning(np.pad(scaled(digit, 60), 20), limits) for digit in mnist["x_test"][:600])
