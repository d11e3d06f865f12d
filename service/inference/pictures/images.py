"""From the bytes of a picture to what the network sees, whatever colours, depth or rotation it comes in."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from service.errors import InvalidImage
from service.inference.limits import InputLimits
from service.inference.pictures.formats import open_picture
from service.inference.pictures.orientation import SIDEWAYS, UPRIGHT, orientation
from service.inference.pictures.preprocess import FAIR_CONTRAST, as_it_is, as_mnist
from service.inference.pictures.report import SIDE, PreparedImage

WORKING_SIDE = 512
"""A longer side is reduced to between one and two times this; a digit needs far less."""

STRIP_PIXELS = 1_000_000
HALF = 0.5
BITS = 8
BYTE = 0xFF


def read_image(data: bytes, limits: InputLimits, *, media_type: str | None = None) -> PreparedImage:
    """Read a picture of a digit: PNG, JPEG, WebP, BMP or GIF, of any colour type and depth.

    Exactly 28x28 is taken as it is; anything else is prepared as MNIST was. Its size is checked before it is
    decoded, transparency is composed, EXIF rotation obeyed, and of several frames the first is taken.

    Args:
        data: The file.
        limits: What it may cost.
        media_type: What the sender says it is, without parameters; ``None`` for no claim.

    Shapes:
        pixels of the result: (28, 28), uint8, light on dark.

    Raises:
        InvalidImage: It is no picture, a damaged one, or not what *media_type* says.
        TooLarge: It is over a limit.
        UnsupportedMedia: *media_type* names a format that we do not read.
    """
    picture = open_picture(data, limits, media_type=media_type)
    size = picture.size
    try:
        animated = _animated(picture)
        grey = _grey(picture)
        turn = orientation(picture.info.get("exif"))  # a PNG may tell it behind its pixels
    except Exception as error:  # noqa: BLE001 -- Pillow raises nearly anything on hostile bytes
        raise InvalidImage(f"The {picture.format} is damaged or cut short: {error}.") from None
    return _seen(_upright(grey, turn), size[::-1] if turn in SIDEWAYS else size, animated=animated)


def _seen(grey: NDArray[np.uint8], size: tuple[int, int], *, animated: bool) -> PreparedImage:
    warnings = ("animated",) if animated else ()
    if size == (SIDE, SIDE):
        return as_it_is(grey, warnings)
    return as_mnist(grey, size, warnings)


def _animated(picture: ImageFile) -> bool:
    told = picture.info.get("animated")
    return bool(getattr(picture, "is_animated", False) if told is None else told)


def _upright(grey: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(grey).transpose(UPRIGHT[turn])) if turn in UPRIGHT else grey


def _grey(picture: ImageFile) -> NDArray[np.uint8]:
    """Decode, reduce where it is large, and compose onto a background.

    Shapes:
        result: (h, w), uint8, the longer side under two times *WORKING_SIDE*.
    """
    factor = max(1, max(picture.size) // WORKING_SIDE)
    if isinstance(picture, JpegImageFile):
        factor = _draft(picture, factor)
    picture.load()
    _rescale_transparent_colour(picture)
    if factor == 1 and picture.mode == "L" and "transparency" not in picture.info:
        return _array(picture)
    strips = [_array(strip) for strip in _strips(picture, factor)]
    return _composed(np.concatenate([strip.reshape(*strip.shape[:2], -1) for strip in strips]))


def _draft(picture: JpegImageFile, factor: int) -> int:
    """Let the JPEG decoder itself halve, and drop the colours; returns the factor that is left to do."""
    drafted = max(power for power in (1, 2, 4, 8) if power <= factor)
    width, height = picture.size
    picture.draft("L", (max(1, width // drafted), max(1, height // drafted)))
    return max(1, max(picture.size) // WORKING_SIDE)


def _rescale_transparent_colour(picture: ImageFile) -> None:
    """Bring a PNG's transparent colour, given at the file's bit depth, to the depth of the decoded pixels."""
    colour, depth = picture.info.get("transparency"), picture.info.get("bit_depth", BITS)
    if isinstance(colour, tuple) and max(colour) > BYTE:
        picture.info["transparency"] = tuple(channel >> 8 for channel in colour)
    elif isinstance(colour, int) and picture.mode == "L" and depth < BITS:
        picture.info["transparency"] = colour * BYTE // (2**depth - 1)


def _strips(picture: Image.Image, factor: int) -> Iterator[Image.Image]:
    """The picture from top to bottom, reduced, in grey or grey with alpha: never twice at full size."""
    width, height = picture.size
    rows = max(1, STRIP_PIXELS // (width * factor)) * factor
    clear = picture.has_transparency_data
    for top in range(0, height, rows):
        strip = picture if rows >= height else picture.crop((0, top, width, min(height, top + rows)))
        grey = _grey_alpha(strip) if clear else _grey_only(strip)
        yield grey.reduce(factor) if factor > 1 else grey


def _grey_only(strip: Image.Image) -> Image.Image:
    if strip.mode == "I;16":
        return Image.fromarray(_eight_bits(_array16(strip)))
    return (strip.convert("RGB") if strip.mode == "CMYK" else strip).convert("L")


def _grey_alpha(strip: Image.Image) -> Image.Image:
    if strip.mode == "I;16":
        wide = _array16(strip)
        alpha = np.where(wide == strip.info["transparency"], 0, BYTE).astype(np.uint8)
        return Image.merge("LA", (Image.fromarray(_eight_bits(wide)), Image.fromarray(alpha)))
    return strip.convert("RGBA").convert("LA")


def _array(picture: Image.Image) -> NDArray[np.uint8]:
    """Shapes: result: (h, w) or (h, w, 2)."""
    bands = len(picture.getbands())
    pixels = np.frombuffer(picture.tobytes(), np.uint8)
    return pixels.reshape(picture.height, picture.width, *([bands] if bands > 1 else []))


def _array16(picture: Image.Image) -> NDArray[np.uint16]:
    return np.frombuffer(picture.tobytes(), "<u2").reshape(picture.height, picture.width)


def _eight_bits(wide: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """0..65535 onto 0..255, to the nearest (PNG, third edition, 13.12)."""
    return ((wide.astype(np.uint32) * BYTE + 0x7FFF) // 0xFFFF).astype(np.uint8)


def _composed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay grey with alpha onto a background that its ink stands out from.

    Where most of the picture is opaque, that is its paper, and goes on under what is clear. Otherwise the
    picture is ink alone, and goes onto black where it is light, onto white where it is dark: beside its clear
    pixels, if it stands out from those, as from a paper whose colour was named as clear; else on the whole.

    Shapes:
        pixels: (h, w, 1) or (h, w, 2) -> (h, w).
    """
    if pixels.shape[2] == 1:
        return pixels[:, :, 0]
    grey, alpha = pixels[:, :, 0].astype(np.float32), pixels[:, :, 1].astype(np.float32) / BYTE
    opacity = float(alpha.mean())
    if opacity == 0.0:
        return np.zeros(grey.shape, np.uint8)
    if opacity > HALF:
        backdrop = float(np.median(grey[alpha > HALF]))
    else:
        ink, clear = float((grey * alpha).mean()) / opacity, float(np.median(grey[alpha <= HALF]))
        middle = clear if abs(ink - clear) >= FAIR_CONTRAST else HALF * BYTE
        backdrop = 0.0 if ink > middle else 255.0
    return np.rint(backdrop + (grey - backdrop) * alpha).astype(np.uint8)
