"""Digits drawn on canvases of any size, place and greys are read as well as the originals."""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from naivenet import NaiveSequential
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image

Bytes = NDArray[np.uint8]

COUNT, MOVED, SCALED, LARGE = 300, 50, 50, 20
TIPPED = 2


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How a digit is drawn on a canvas."""

    size: int
    canvas: tuple[int, int]
    place: tuple[int, int]
    paper: float
    ink: float
    noise: float
    quality: int


def draw(digit: Bytes, drawing: Drawing, rng: np.random.Generator) -> bytes:
    """The digit on a canvas, as a JPEG."""
    large = Image.fromarray(digit).resize((drawing.size, drawing.size), Image.Resampling.BICUBIC)
    width, height = drawing.canvas
    left, top = drawing.place
    canvas = np.full((height, width), drawing.paper, np.float32)
    strokes = np.asarray(large, np.float32) / 255 * (drawing.ink - drawing.paper)
    canvas[top : top + drawing.size, left : left + drawing.size] += strokes
    canvas += rng.normal(0, drawing.noise, canvas.shape)
    stream = BytesIO()
    pixels = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(stream, "JPEG", quality=drawing.quality)
    return stream.getvalue()


def any_drawing(rng: np.random.Generator) -> Drawing:
    """Any place, size from 60 to 400 pixels, polarity, background grey, JPEG quality and slight noise."""
    size = int(rng.integers(60, 401))
    width, height = (size + int(extra) for extra in rng.integers(10, 300, 2))
    paper, ink = float(rng.integers(0, 91)), float(rng.integers(190, 256))
    dark = rng.random() < 0.5
    return Drawing(
        size=size,
        canvas=(width, height),
        place=(int(rng.integers(0, width - size + 1)), int(rng.integers(0, height - size + 1))),
        paper=255 - paper if dark else paper,
        ink=255 - ink if dark else ink,
        noise=float(rng.uniform(0, 8)),
        quality=int(rng.integers(30, 96)),
    )


def labels_of(model: NaiveSequential, pixels: Bytes) -> NDArray[np.int64]:
    """The predicted labels. Shapes: pixels: (n, 28, 28)."""
    return np.asarray(model(pixels.reshape(-1, 784) / np.float32(255)).argmax(axis=1))


def test_digits_drawn_on_canvases_lose_at_most_2_points_of_accuracy(
    mnist: dict[str, Bytes], model: NaiveSequential, limits: InputLimits
) -> None:
    """Drawing 300 test digits at random costs at most 2 points of accuracy."""
    originals, labels = mnist["x_test"][:COUNT], mnist["y_test"][:COUNT]
    pixels = []
    for number, original in enumerate(originals):
        rng = np.random.default_rng(number)
        pixels.append(read_image(draw(original, any_drawing(rng), rng), limits).pixels)
    before = np.mean(labels_of(model, originals) == labels)
    after = np.mean(labels_of(model, np.array(pixels)) == labels)
    assert before >= 0.97
    assert after >= before - 0.02


def test_polarity_is_found_in_every_drawing(mnist: dict[str, Bytes], limits: InputLimits) -> None:
    """Dark drawings on light are inverted, and light ones on dark are not."""
    for number, original in enumerate(mnist["x_test"][:100]):
        rng = np.random.default_rng(number)
        drawing = any_drawing(rng)
        assert read_image(draw(original, drawing, rng), limits).inverted == (drawing.ink < drawing.paper)


PLAIN = Drawing(size=110, canvas=(400, 300), place=(100, 100), paper=0.0, ink=255.0, noise=2.0, quality=90)


@pytest.mark.parametrize(
    "change",
    [
        {"place": (0, 0)},
        {"place": (290, 170)},
        {"paper": 250.0, "ink": 5.0},
        {"paper": 120.0, "ink": 250.0},
        {"paper": 160.0, "ink": 20.0},
        {"quality": 15},
    ],
    ids=str,
)
def test_a_digit_that_is_moved_or_inverted_keeps_its_prediction(
    mnist: dict[str, Bytes], model: NaiveSequential, limits: InputLimits, change: dict[str, Any]
) -> None:
    """The place, greys and JPEG quality of a drawing change at most 2 predictions of 50, which rounding tips."""
    one, other = (
        _labels_drawn(mnist["x_test"][:MOVED], model, limits, replace(PLAIN, **each)) for each in ({}, change)
    )
    assert np.count_nonzero(one != other) <= TIPPED


@pytest.mark.parametrize(
    "change",
    [{"size": 60}, {"size": 200}, {"size": 500, "canvas": (1600, 1200), "place": (900, 600)}],
    ids=str,
)
def test_a_digit_that_is_scaled_keeps_its_prediction(
    mnist: dict[str, Bytes], model: NaiveSequential, limits: InputLimits, change: dict[str, Any]
) -> None:
    """The size of a drawing changes at most 2 of 50 predictions: rounding to 28x28 pixels can tip a close one."""
    digits = mnist["x_test"][: LARGE if "canvas" in change else SCALED]
    one, other = (_labels_drawn(digits, model, limits, replace(PLAIN, **each)) for each in ({}, change))
    assert np.count_nonzero(one != other) <= TIPPED


def _labels_drawn(digits: Bytes, model: NaiveSequential, limits: InputLimits, drawing: Drawing) -> NDArray[np.int64]:
    """The predicted labels of digits drawn so; each digit has its own noise, the same in every drawing."""
    drawn = [draw(digit, drawing, np.random.default_rng(number)) for number, digit in enumerate(digits)]
    return labels_of(model, np.array([read_image(each, limits).pixels for each in drawn]))
