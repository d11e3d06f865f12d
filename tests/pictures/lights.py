"""Digits in the light that rooms have, and as phones photograph them."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.pictures.inks import pen_colour, written
from tests.pictures.pens import Alpha, ink
from tests.pictures.sheets import Colour, Sheet, blurred, half_plane, photographed, sheet, smooth_noise

LUMA = np.array([0.299, 0.587, 0.114])


def paper(rng: np.random.Generator) -> Colour:
    """White paper in warm or cold light."""
    base, warm = rng.uniform(205, 250), rng.uniform(-10, 14)
    return base, base - abs(warm) / 3, base - warm


def equally_bright(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Two colours of one brightness, within one grey level, and far apart."""
    while True:
        one, other = rng.uniform(20, 255, (2, 3))
        other[1] += (LUMA @ one - LUMA @ other) / LUMA[1]
        if 0 <= other[1] <= 255 and np.abs(one - other).max() > 90:
            return tuple(one), tuple(other)


def turned(digit: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """The digit, rotated. Shapes: (28, 28) -> (28, 28)."""
    wide = Image.fromarray(np.pad(digit, 6)).resize((320, 320), Image.Resampling.BICUBIC).rotate(degrees, Image.BICUBIC)
    return np.asarray(wide.resize((40, 40), Image.Resampling.BOX))


def _shadow(page: Sheet, rng: np.random.Generator, softness: tuple[float, float]) -> None:
    """Let a hand's or a phone's shadow fall over a part of the sheet."""
    shape = half_plane(page.size, rng)
    if rng.random() < 0.5:  # a blob instead of a straight edge
        shape = np.asarray(smooth_noise(page.size, rng, 3) > rng.uniform(0.4, 0.6), np.float32)
    dim = rng.uniform(0.3, 0.65)
    page.light(1 - dim * blurred(shape, rng.uniform(*softness) * min(page.size)))


def soft_shadow(digit: NDArray[np.uint8], label: int, rng: np.random.Generator) -> bytes:
    """A photo with a soft shadow over a part of the paper."""
    page = written(digit, rng, photo=True)
    _shadow(page, rng, (0.04, 0.15))
    return photographed(page, rng)


def hard_shadow(digit: NDArray[np.uint8], label: int, rng: np.random.Generator) -> bytes:
    """A photo in the sun: the shadow's edge is a hundredth of the picture wide."""
    page = written(digit, rng, photo=True)
    _shadow(page, rng, (0.006, 0.02))
    return photographed(page, rng)


def gradient(digit: NDArray[np.uint8], label: int, rng: np.random.Generator) -> bytes:
    """A photo by a window: one side is two to four times as bright as the other."""
    page = written(digit, rng, photo=True)
    width, height = page.size
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    page.light(np.clip(1 - rng.uniform(0.5, 0.75) * (along + 0.6) / 1.2, 0.2, 1).astype(np.float32))
    return photographed(page, rng)


def glare(digit: NDArray[np.uint8], label: int, rng: np.random.Generator) -> bytes:
    """A photo with a lamp's reflection, which also pales a part of the ink."""
    page = written(digit, rng, photo=True)
    page.light(np.full(page.size[::-1], rng.uniform(0.55, 0.8), np.float32))
    width, height = page.size
    left, top, right, bottom = page.box
    x0, y0 = rng.uniform(left, right), rng.uniform(top, bottom)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    radius = rng.uniform(0.12, 0.3) * min(page.size)
    spot = np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * radius**2)) * rng.uniform(0.4, 0.75)
    page.pixels += spot[:, :, None] * (255 - page.pixels)
    return photographed(page, rng)


def on_a_desk(digit: NDArray[np.uint8], label: int, rng: np.random.Generator) -> bytes:
    """A photo of a note that lies askew on a darker desk, whose edges are in the picture."""
    desk = sheet(rng, paper=((96, 66, 42), (60, 62, 66), (140, 104, 70), (40, 34, 30))[int(rng.integers(4))])
    grain = smooth_noise(desk.size, rng, 40) * 14 - 7
    desk.pixels += grain[:, :, None]
    width, height = desk.size
    wide, high = round(width * rng.uniform(0.55, 0.8)), round(height * rng.uniform(0.55, 0.8))
    note = Sheet(pixels=np.full((high, wide, 3), paper(rng), np.float32))
    alpha = ink(digit, rng.uniform(0.4, 0.7) * min(note.size))
    spot = tuple(
        round((whole - part) * rng.uniform(0.3, 0.7)) for whole, part in zip(note.size, alpha.shape[::-1], strict=True)
    )
    note.lay(alpha, (spot[0], spot[1]), pen_colour(rng))
    _lay_askew(desk, note, rng.uniform(-8, 8), rng)
    along = np.linspace(1, rng.uniform(0.6, 1), width, dtype=np.float32)
    desk.light(np.broadcast_to(along if rng.random() < 0.5 else along[::-1], (height, width)))
    return photographed(desk, rng)


def _lay_askew(desk: Sheet, note: Sheet, degrees: float, rng: np.random.Generator) -> None:
    image = Image.fromarray(np.rint(note.pixels).astype(np.uint8)).convert("RGBA")
    turned_note = np.asarray(image.rotate(degrees, Image.Resampling.BICUBIC, expand=True), np.float32)
    alpha: Alpha = turned_note[:, :, 3] / 255
    free = [whole - part for whole, part in zip(desk.size, alpha.shape[::-1], strict=True)]
    left, top = (round(max(each, 0) * rng.uniform(0.2, 0.8)) for each in free)
    part = desk.pixels[top : top + alpha.shape[0], left : left + alpha.shape[1]]
    cover = alpha[: part.shape[0], : part.shape[1], None]
    part += cover * (turned_note[: part.shape[0], : part.shape[1], :3] - part)


def compressed(page: Sheet, rng: np.random.Generator) -> bytes:
    """The sheet after a messenger: at most 400 pixels wide, and a JPEG of poor quality."""
    image = Image.open(BytesIO(photographed(page, rng, noise=6)))
    image.thumbnail((400, 400), Image.Resampling.BILINEAR)
    stream = BytesIO()
    image.save(stream, "JPEG", quality=int(rng.integers(12, 35)))
    return stream.getvalue()
