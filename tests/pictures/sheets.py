"""Sheets of paper: ink is laid on them, light falls on them, and a camera saves them as JPEG or PNG."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests.pictures.pens import Alpha

Colour = tuple[float, float, float]
Box = tuple[int, int, int, int]

WHITE: Colour = (255, 255, 255)


@dataclass(kw_only=True)
class Sheet:
    """A picture while it is made.

    Attributes:
        pixels: Its colours, 0 to 255.
        box: Where the digit is: left, top, right, bottom.

    Shapes:
        pixels: (h, w, 3), float32.
    """

    pixels: NDArray[np.float32]
    box: Box = field(default=(0, 0, 0, 0))

    @property
    def size(self) -> tuple[int, int]:
        """Its width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def lay(self, alpha: Alpha, place: tuple[int, int], colour: Colour) -> Box:
        """Lay ink on the paper, with its left top corner at *place*; return its box."""
        left, top = place
        height, width = alpha.shape
        part = self.pixels[top : top + height, left : left + width]
        cover = alpha[: part.shape[0], : part.shape[1], None]
        part += cover * (np.asarray(colour, np.float32) - part)
        return left, top, left + width, top + height

    def light(self, levels: NDArray[np.float32]) -> None:
        """Multiply by the light on each pixel. Shapes: levels: (h, w)."""
        self.pixels *= levels[:, :, None]


def sheet(rng: np.random.Generator, paper: Colour = WHITE) -> Sheet:
    """A blank sheet, 300 to 800 pixels wide."""
    width = int(rng.integers(300, 801))
    height = round(width * rng.uniform(0.7, 1.35))
    return Sheet(pixels=np.full((height, width, 3), paper, np.float32))


def room(page: Sheet, alpha: Alpha, rng: np.random.Generator, margin: float = 0.08) -> tuple[int, int]:
    """Any place where *alpha* fits, with a margin to the edges where there is room for one."""
    spots = []
    for whole, part in zip(page.size, alpha.shape[::-1], strict=True):
        free = max(whole - part, 0)
        edge = min(round(margin * whole), free // 2)
        spots.append(int(rng.integers(edge, max(free - edge, edge) + 1)))
    return spots[0], spots[1]


def smooth_noise(size: tuple[int, int], rng: np.random.Generator, cells: int) -> NDArray[np.float32]:
    """Noise that varies over the picture's *cells*-th part, from 0 to 1. Shapes: (h, w)."""
    coarse = rng.uniform(0, 255, (cells + 1, cells + 1)).astype(np.uint8)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), np.float32) / 255


def blurred(alpha: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """A mask with soft edges. Shapes: (h, w)."""
    image = Image.fromarray(np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255


def half_plane(size: tuple[int, int], rng: np.random.Generator, reach: Sequence[float] = (-0.3, 0.3)) -> Alpha:
    """1 on one side of a line at any angle through the middle part of the picture, and 0 on the other."""
    width, height = size
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = (x - width / 2) * np.cos(angle) + (y - height / 2) * np.sin(angle)
    return np.asarray(away > rng.uniform(*reach) * min(size), np.float32)


def photographed(page: Sheet, rng: np.random.Generator, *, noise: float = 3.0) -> bytes:
    """The sheet as a phone saves it: a little blurred, with the sensor's noise, as a JPEG."""
    pixels = page.pixels + rng.normal(0, rng.uniform(0.3, 1) * noise, page.pixels.shape)
    image = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.0)))
    return _saved(image, "JPEG", quality=int(rng.integers(60, 95)))


def exported(page: Sheet) -> bytes:
    """The sheet as a program saves it: a PNG."""
    return _saved(Image.fromarray(np.clip(np.rint(page.pixels), 0, 255).astype(np.uint8)), "PNG", compress_level=1)


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()
