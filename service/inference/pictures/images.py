"""Reads an image file of any colour type, depth and rotation as grey pixels, and prepares them for the network."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from naivenet.datasets import SIDE
from service.errors import InvalidImage
from service.inference.limits import InputLimits
from service.inference.pictures.formats import is_mislabelled, open_image
from service.inference.pictures.orientation import SIDEWAYS, UPRIGHT, orientation
from service.inference.pictures.preprocess import LOW_CONTRAST, prepare
from service.inference.pictures.report import AUTO, PreparedImage, PrepareOptions

WORKING_SIDE = 512
"""Larger images are reduced until their longer side is between this and twice this; a digit needs far less."""

STRIP_PIXELS = 1_000_000
HALF = 0.5
BITS = 8
BYTE = 0xFF
GREY_ALPHA = 2  # bands of grey with alpha
GREY_MODES = frozenset({"1", "L", "LA", "I", "I;16", "F"})

Warnings = tuple[str, ...]
"""Codes of `report.WARNINGS`."""


def read_image(
    data: bytes,
    limits: InputLimits,
    options: PrepareOptions = AUTO,
    *,
    media_type: str | None = None,
    warnings: Warnings = (),
) -> PreparedImage:
    """Read an image of a digit: PNG, JPEG, WebP, BMP or GIF, of any colour type and depth.

    A 28x28 that is laid out as MNIST's are is used as it is, or inverted; any other picture is prepared as MNIST was,
    unless the client chooses otherwise. The size is checked before decoding, transparency is composed onto a
    background, EXIF orientation is applied, and the first frame of an animation is read.

    Args:
        data: The file.
        limits: Its limits.
        options: What the client chooses.
        media_type: The media type that the client declares, without parameters; ``None`` if it declares none. The
            bytes decide the format: another type causes a warning.
        warnings: What the reader of the request found before.

    Shapes:
        pixels of the result: (28, 28), uint8, light on dark.

    Raises:
        InvalidImage: The bytes are no image in a supported format, or a damaged one.
        TooLarge: It is over a limit.
    """
    image = open_image(data, limits)
    size = image.size  # before decoding, which may reduce a JPEG
    pixels, turn, animated = _read(image)
    if animated:
        warnings += ("animated",)
    if is_mislabelled(image, media_type):
        warnings += ("mislabelled",)
    return prepare(_upright(pixels, turn), size[::-1] if turn in SIDEWAYS else size, options, warnings)


def _read(image: ImageFile) -> tuple[NDArray[np.uint8], int, bool]:
    """Return the pixels, how they are turned, and whether the image is animated.

    Raises:
        InvalidImage: The image is damaged.
    """
    try:
        animated = _is_animated(image)
        pixels = _decoded(image)
        turn = orientation(image.info.get("exif"))  # after decoding: in a PNG it may follow the pixels
    except Exception as error:  # noqa: BLE001 -- Pillow raises nearly anything on hostile bytes
        raise InvalidImage(f"The {image.format} is damaged or cut short: {error}.") from None
    return pixels, turn, animated


def _is_animated(image: ImageFile) -> bool:
    of_png = image.info.get("animated")  # `open_image` drops the chunk that says so, and sets this
    return bool(getattr(image, "is_animated", False) if of_png is None else of_png)


def _upright(pixels: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).transpose(UPRIGHT[turn])) if turn in UPRIGHT else pixels


def _decoded(image: ImageFile) -> NDArray[np.uint8]:
    """Decode, reduce if it is large, and compose onto a background. A 28x28 becomes grey: it is used as it is.

    Shapes:
        result: (h, w), or (h, w, 3) in colour; uint8, the longer side below twice *WORKING_SIDE*.
    """
    factor = max(1, max(image.size) // WORKING_SIDE)
    mode = "L" if image.size == (SIDE, SIDE) or image.mode in GREY_MODES else "RGB"
    if isinstance(image, JpegImageFile):
        factor = _draft(image, mode, factor)
    image.load()
    _rescale_transparent_colour(image)
    if factor == 1 and image.mode == mode and "transparency" not in image.info:
        return _array(image)
    strips = [_array(strip) for strip in _strips(image, mode, factor)]
    return _composed(np.concatenate([strip.reshape(*strip.shape[:2], -1) for strip in strips]))


def _draft(image: JpegImageFile, mode: str, factor: int) -> int:
    """Have the JPEG decoder itself halve the size, and drop colours; return the factor that remains."""
    drafted = max(power for power in (1, 2, 4, 8) if power <= factor)
    width, height = image.size
    image.draft(mode, (max(1, width // drafted), max(1, height // drafted)))
    return max(1, max(image.size) // WORKING_SIDE)


def _rescale_transparent_colour(image: ImageFile) -> None:
    """Convert a PNG's transparent colour from the file's bit depth to that of the decoded pixels."""
    colour, depth = image.info.get("transparency"), image.info.get("bit_depth", BITS)
    if isinstance(colour, tuple) and max(colour) > BYTE:
        image.info["transparency"] = tuple(channel >> 8 for channel in colour)
    elif isinstance(colour, int) and image.mode == "L" and depth < BITS:
        image.info["transparency"] = colour * BYTE // (2**depth - 1)


def _strips(image: Image.Image, mode: str, factor: int) -> Iterator[Image.Image]:
    """Yield reduced strips, from top to bottom, with or without alpha: two full-size copies never exist."""
    width, height = image.size
    rows = max(1, STRIP_PIXELS // (width * factor)) * factor
    has_alpha = image.has_transparency_data
    for top in range(0, height, rows):
        strip = image if rows >= height else image.crop((0, top, width, min(height, top + rows)))
        plain = _with_alpha(strip, mode) if has_alpha else _opaque(strip, mode)
        yield plain.reduce(factor) if factor > 1 else plain


def _opaque(strip: Image.Image, mode: str) -> Image.Image:
    if strip.mode == "I;16":
        return Image.fromarray(_eight_bits(_array16(strip)))
    return (strip.convert("RGB") if strip.mode == "CMYK" else strip).convert(mode)


def _with_alpha(strip: Image.Image, mode: str) -> Image.Image:
    if strip.mode == "I;16":
        wide = _array16(strip)
        alpha = np.where(wide == strip.info["transparency"], 0, BYTE).astype(np.uint8)
        return Image.merge("LA", (Image.fromarray(_eight_bits(wide)), Image.fromarray(alpha)))
    colours = strip.convert("RGBA")
    return colours.convert("LA") if mode == "L" else colours


def _array(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels. Shapes: result: (h, w), or with bands, (h, w, 2 to 4)."""
    bands = len(image.getbands())
    pixels = np.frombuffer(image.tobytes(), np.uint8)
    return pixels.reshape(image.height, image.width, *([bands] if bands > 1 else []))


def _array16(image: Image.Image) -> NDArray[np.uint16]:
    return np.frombuffer(image.tobytes(), "<u2").reshape(image.height, image.width)


def _eight_bits(wide: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Scale 0..65535 to 0..255, rounded to the nearest (PNG, third edition, 13.12)."""
    return ((wide.astype(np.uint32) * BYTE + 0x7FFF) // 0xFFFF).astype(np.uint8)


def _composed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Compose grey or colours with alpha onto a background that contrasts with the ink.

    If most of the image is opaque, the opaque pixels are mostly background, and their median fills the transparent
    ones. Otherwise the opaque pixels are the ink: light ink goes onto black, dark ink onto white. Ink is light if it
    is lighter than the colour of the transparent pixels, where these contrast with it; else if it is lighter than
    mid grey.

    Shapes:
        pixels: (h, w, 1) or (h, w, 2) -> (h, w); (h, w, 3) or (h, w, 4) -> (h, w, 3).
    """
    bands = pixels.shape[2]
    if bands % 2:
        return pixels[:, :, 0] if bands == 1 else pixels
    levels, alpha = pixels[:, :, :-1].astype(np.float32), np.asarray(pixels[:, :, -1:] / np.float32(BYTE), np.float32)
    background = _background(levels, alpha[:, :, 0])
    composed = np.rint(background + (levels - background) * alpha).astype(np.uint8)
    return composed[:, :, 0] if bands == GREY_ALPHA else composed


def _background(levels: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.float32] | float:
    """Return the colour behind transparent pixels. Shapes: levels: (h, w, bands), alpha: (h, w) -> (bands,)."""
    opacity = float(alpha.mean())
    if opacity == 0.0:
        return 0.0
    if opacity > HALF:
        return np.asarray(np.median(levels[alpha > HALF], axis=0), np.float32)
    grey = levels.mean(axis=2)
    ink, transparent = float((grey * alpha).mean()) / opacity, float(np.median(grey[alpha <= HALF]))
    threshold = transparent if abs(ink - transparent) >= LOW_CONTRAST else HALF * BYTE
    return 0.0 if ink > threshold else 255.0
