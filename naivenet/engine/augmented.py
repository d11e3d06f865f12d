"""Augmented images: blocks of an epoch, each image moved, turned, bent and thickened by random amounts.

A block is drawn from the seed, the epoch and the block's number alone, so a run can resume anywhere. Coordinates are
whole sixteenths of a pixel, and the weights of the four pixels around them whole 256ths, so 16-bit integers suffice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from naivenet.choices.augmentation import Augmentation

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

_CHANGES = ("right", "down", "angle", "width", "height", "slant", "thickness")

#: Images of a block that one map changes, if the block has many: a map takes as long to draw as to apply to 100 images.
_IMAGES_OF_A_MAP = 128
_LEAST_MAPS = 32
_BITS = 4  # a coordinate is a whole number of sixteenths of a pixel
_SMOOTHNESS = 4.0  # pixels, the standard deviation of the Gaussian that smooths elastic displacements


@dataclass(frozen=True, kw_only=True, eq=False)
class Maps:
    """Where images get their pixels from.

    Attributes:
        x, y: For each pixel its source, in sixteenths of a pixel. Shapes: (maps, side, side).
        growth: How many 256ths of a pixel strokes grow first. Shape: (maps,).
    """

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    growth: NDArray[np.int32]


def augmented(images: Bytes, augmentation: Augmentation, rng: np.random.Generator) -> Bytes:
    """Return changed copies of *images*. Many images share a map, and which ones is random.

    Shapes:
        images: (samples, side, side).
    """
    samples, side = images.shape[:2]
    count = min(samples, max(_LEAST_MAPS, samples // _IMAGES_OF_A_MAP))
    draws = rng.uniform(-1, 1, (len(_CHANGES), count)).astype(np.float32)
    displacement = _smooth_noise(rng, count, side) if augmentation.elastic else np.zeros((2, 1, 1, 1), np.float32)
    maps = maps_of(augmentation, dict(zip(_CHANGES, draws, strict=True)), displacement, side=side)
    changed = np.empty_like(images)
    for number, chosen in enumerate(np.array_split(rng.permutation(samples), count)):
        changed[chosen] = mapped(images[chosen], maps, number)
    return changed


def maps_of(augmentation: Augmentation, draws: Mapping[str, Floats], displacement: Floats, *, side: int) -> Maps:
    """Return the maps for images of *side* pixels.

    A map leads back from a pixel of the new image to its source: it undoes the shift, then the rotation, the scale and
    the slant, and adds the elastic displacement.

    Args:
        augmentation: The largest changes.
        draws: For each change the share of it that each map makes, from -1 to 1.
        displacement: Smooth noise of standard deviation 1, for x and y.
        side: Width and height of the images.

    Shapes:
        draws: (maps,) each.
        displacement: (2, maps, side, side).
    """
    share = {name: each[:, None, None] for name, each in draws.items()}
    middle = np.float32((side - 1) / 2)
    y, x = np.ogrid[:side, :side]
    x, y = x - middle - augmentation.shift * share["right"], y - middle - augmentation.shift * share["down"]
    angle = np.radians(augmentation.rotation) * share["angle"]
    x, y = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    x, y = x / (1 + augmentation.scale * share["width"]), y / (1 + augmentation.scale * share["height"])
    x = x + augmentation.slant * share["slant"] * y
    x, y = (x, y) + augmentation.elastic * displacement
    return Maps(
        x=_sixteenths(x + middle, side),
        y=_sixteenths(y + middle, side),
        growth=np.rint(augmentation.thickness * draws["thickness"] * 256).astype(np.int32),
    )


def mapped(images: Bytes, maps: Maps, number: int) -> Bytes:
    """Return *images* changed by one of the *maps*, with the four pixels around each source interpolated bilinearly.

    Shapes:
        images: (samples, side, side).
    """
    samples, side = images.shape[:2]
    # a border of one black pixel, and the samples last: one pixel of all samples is one row
    source = np.zeros((side + 2, side + 2, samples), np.uint16)
    source[1:-1, 1:-1] = np.moveaxis(images, 0, -1)
    _thicken(source, int(maps.growth[number]))
    source = source.reshape(-1, samples)
    x, y = maps.x[number].ravel(), maps.y[number].ravel()
    first = (y >> _BITS) * (side + 2) + (x >> _BITS)
    one = 1 << _BITS
    right, down = x & (one - 1), y & (one - 1)
    total = np.full((side * side, samples), one * one // 2, np.uint16)  # so that the shift below rounds
    for offset, weight in (
        (0, (one - right) * (one - down)),
        (1, right * (one - down)),
        (side + 2, (one - right) * down),
        (side + 3, right * down),
    ):
        part = source.take(first + offset, axis=0, mode="clip")
        part *= weight[:, None].astype(np.uint16)
        total += part
    total >>= 2 * _BITS
    return total.astype(np.uint8).T.reshape(images.shape)


def _thicken(source: NDArray[np.uint16], growth: int) -> None:
    """Blend images with their dilation, or with their erosion if *growth* is negative, in 256ths."""
    if not growth:
        return
    inner = source[1:-1, 1:-1]
    neighbours = source[:-2, 1:-1], source[2:, 1:-1], source[1:-1, :-2], source[1:-1, 2:]
    if growth > 0:
        difference = reduce(np.maximum, neighbours, inner) - inner
        inner += (difference * np.uint16(growth)) >> 8
    else:
        difference = inner - reduce(np.minimum, neighbours, inner)
        inner -= (difference * np.uint16(-growth)) >> 8


def _sixteenths(coordinates: Floats, side: int) -> NDArray[np.int32]:
    """Return coordinates of an image as whole numbers of the image with its border; outside of it is its border."""
    clipped = np.clip(coordinates + 1, 0, side + 1 - 1 / (1 << _BITS))
    return np.rint(clipped * (1 << _BITS)).astype(np.int32)


def _smooth_noise(rng: np.random.Generator, count: int, side: int) -> Floats:
    """Return noise that is smooth in both directions, of standard deviation 1. Shapes: (2, count, side, side)."""
    smoothing = _smoothing(side)
    noise = rng.standard_normal((2, count, side, side), dtype=np.float32)
    return np.asarray(smoothing @ noise @ smoothing.T, np.float32)


@lru_cache
def _smoothing(side: int) -> Floats:
    """Return the matrix that smooths columns of white noise, and keeps their standard deviation."""
    distances = np.subtract.outer(np.arange(side), np.arange(side))
    gaussian = np.exp(-(distances**2) / (2 * _SMOOTHNESS**2))
    return np.asarray(gaussian / np.sqrt(np.square(gaussian).sum(axis=1, keepdims=True)), np.float32)
