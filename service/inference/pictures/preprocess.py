"""Prepares images as MNIST's were, so that a drawing is read by its shape and not by how it was drawn.

LeCun et al. (1998), *Gradient-based learning applied to document recognition*, III.A: scaled into 20x20
keeping its proportions, antialiased, and laid into 28x28 with its centre of mass in the middle.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from naivenet.datasets import SIDE
from service.inference.pictures.foreground import (
    LEAST_CONTRAST,
    Box,
    Foreground,
    Grey,
    border,
    estimate_foreground,
    locate,
)
from service.inference.pictures.report import PreparedImage

INNER_SIDE = 20
MIDDLE = SIDE / 2 + 0.5  # where the mean centre of mass of MNIST lies: the middle of its pixel 14
BLUR_SHARE = 200  # noise is averaged over a two-hundredth of the shorter side
BACKGROUND_SHARE = 0.08  # of the ink's contrast; a pixel with less is background
LOW_CONTRAST = 64  # grey levels; ink with less contrast causes a warning

MID_GREY = 128
LIGHT = 160  # grey level from which a border is light
EVEN_SPREAD = 32  # grey levels by which pixels of an even border may differ from its median
EVEN_SHARE = 0.75  # of the border's pixels that must be so close


def prepare_28x28(grey: Grey, warnings: tuple[str, ...] = ()) -> PreparedImage:
    """Prepare an image of the network's own size: its bytes, inverted if it is dark on light.

    Shapes:
        grey: (28, 28).
    """
    inverted = is_dark_on_light(grey)
    pixels = ~grey if inverted else grey
    contrast = int(pixels.max()) - int(pixels.min())
    found = tuple(sorted((*warnings, *contrast_warnings(contrast))))
    return PreparedImage(pixels=pixels, width=SIDE, height=SIDE, inverted=inverted, warnings=found)


def is_dark_on_light(grey: Grey) -> bool:
    """Return whether a 28x28 is light on the whole and has a light, even border.

    Noise, and a garment that fills the image, have no such border and are not inverted.
    """
    if int(grey.sum()) < MID_GREY * grey.size:
        return False
    edge = border(grey, 1).astype(np.int16)
    level = np.median(edge)
    return bool(level >= LIGHT and np.mean(np.abs(edge - level) <= EVEN_SPREAD) >= EVEN_SHARE)


def contrast_warnings(contrast: float) -> tuple[str, ...]:
    """Return the warnings for ink that differs from its background by *contrast* grey levels."""
    if contrast < LEAST_CONTRAST:
        return ("blank",)
    return ("low_contrast",) if contrast < LOW_CONTRAST else ()


def prepare(grey: Grey, size: tuple[int, int], warnings: tuple[str, ...] = ()) -> PreparedImage:
    """Prepare an image of any size as MNIST was prepared.

    Args:
        grey: The upright image, possibly reduced.
        size: Its width and height before it was reduced; *crop* in the report is in these pixels.
        warnings: Warnings found before.

    Shapes:
        grey: (h, w) -> pixels: (28, 28).
    """
    width, height = size
    smooth = Image.fromarray(grey).filter(ImageFilter.BoxBlur(min(grey.shape) / BLUR_SHARE))
    foreground = estimate_foreground(grey, smooth)
    found = {*warnings, *contrast_warnings(foreground.contrast)}
    if "blank" in found:
        pixels = np.zeros((SIDE, SIDE), np.uint8)
        return PreparedImage(pixels=pixels, width=width, height=height, warnings=tuple(sorted(found)))
    box, place_warnings = locate(foreground.mask(np.asarray(smooth)))
    pixels, shift = _centred(_scaled(grey, box, foreground))
    return PreparedImage(
        pixels=pixels,
        width=width,
        height=height,
        inverted=foreground.is_dark,
        crop=_in_full_size(box, grey.shape, size),
        shift=shift,
        warnings=tuple(sorted(found | place_warnings)),
    )


def _scaled(grey: Grey, box: Box, foreground: Foreground) -> NDArray[np.float32]:
    """Crop to the box, scale its longer side to 20, and stretch the contrast to 0 (background) to 255.

    Shapes:
        grey: (h, w) -> (20 or less, 20 or less).
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    scale = INNER_SIDE / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.HAMMING, box))
    contrast = foreground.contrast_of(small)
    least = BACKGROUND_SHARE * foreground.contrast
    most = max(float(contrast.max()), least + 1)
    return np.asarray(np.clip((contrast - least) * (255 / (most - least)), 0, 255), np.float32)


def _centred(small: NDArray[np.float32]) -> tuple[Grey, tuple[int, int]]:
    """Lay the digit into 28x28 with its centre of mass in the middle, as far as it fits.

    Shapes:
        small: (h, w) -> (28, 28).

    Returns:
        The image, and the shift to the right and down.
    """
    top, down = _place(small.sum(axis=1))
    left, right = _place(small.sum(axis=0))
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[top : top + small.shape[0], left : left + small.shape[1]] = np.rint(small)
    return pixels, (right, down)


def _place(mass: NDArray[np.float32]) -> tuple[int, int]:
    """Return where the first row (or column) goes, and how far that is from the centred box.

    Shapes:
        mass: (rows,) or (columns,): the sum of each one's pixels.
    """
    room = SIDE - len(mass)
    total = float(mass.sum())
    centre_of_mass = float(mass @ (np.arange(len(mass)) + 0.5)) / total if total else len(mass) / 2
    place = min(max(round(MIDDLE - centre_of_mass), 0), room)
    return place, place - room // 2


def _in_full_size(box: Box, shape: tuple[int, ...], size: tuple[int, int]) -> Box:
    """Return the box in the pixels of the image before it was reduced, rounded outwards."""
    left, top, right, bottom = box
    (height, width), (full_width, full_height) = shape, size
    return (
        left * full_width // width,
        top * full_height // height,
        -(-right * full_width // width),
        -(-bottom * full_height // height),
    )
