"""Digits drawn large, anywhere, in any grey, are read as well as the originals."""

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

COUNT = 1000


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
    """What the network reads in (n, 28, 28)."""
    return np.asarray(model(pixels.reshape(-1, 784) / np.float32(255)).argmax(axis=1))


def test_1000_digits_drawn_on_canvases_lose_at_most_2_points_of_accuracy(
    mnist: dict[str, Bytes], model: NaiveSequential, limits: InputLimits
) -> None:
    """The first 1,000 test digits, drawn at random, are read within 2 points as well as the originals."""
    originals, labels = mnist["x_test"][:COUNT], mnist["y_test"][:COUNT]
    seen = []
    for number, original in enumerate(originals):
        rng = np.random.default_rng(number)
        seen.append(read_image(draw(original, any_drawing(rng), rng), limits).pixels)
    before = np.mean(labels_of(model, originals) == labels)
    after = np.mean(labels_of(model, np.array(seen)) == labels)
    assert before >= 0.97
    assert after >= before - 0.02


def test_polarity_is_told_right_for_every_drawing(mnist: dict[str, Bytes], limits: InputLimits) -> None:
    """Dark on light is inverted, light on dark is not."""
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
def test_a_digit_that_is_moved_or_inverted_keeps_its_answer(
    mnist: dict[str, Bytes], model: NaiveSequential, limits: InputLimits, change: dict[str, Any]
) -> None:
    """Where, in which greys and how well a digit is drawn changes not one of 200 answers."""
    one, other = (_answers(mnist["x_test"][:200], model, limits, replace(PLAIN, **each)) for each in ({}, change))
    assert (one == other).all()


@pytest.mark.parametrize(
    "change",
    [{"size": 60}, {"size": 200}, {"size": 500, "canvas": (1600, 1200), "place": (900, 600)}],
    ids=str,
)
def test_a_digit_that_is_scaled_keeps_its_answer(
    mnist: dict[str, Bytes], model: NaiveSequential, limits: InputLimits, change: dict[str, Any]
) -> None:
    """How large it is drawn changes no answer but those that hang by a hair: 28x28 pixels have no halves."""
    digits = mnist["x_test"][: 20 if "canvas" in change else 100]
    one, other = (_answers(digits, model, limits, replace(PLAIN, **each)) for each in ({}, change))
    assert np.mean(one == other) >= 0.98


def _answers(digits: Bytes, model: NaiveSequential, limits: InputLimits, drawing: Drawing) -> NDArray[np.int64]:
    """What is read where each of these digits is drawn so; each has its own noise, the same however it is drawn."""
    drawn = [draw(digit, drawing, np.random.default_rng(number)) for number, digit in enumerate(digits)]
    return labels_of(model, np.array([read_image(each, limits).pixels for each in drawn]))
