"""The supported image formats: recognised by their first bytes, and checked by their headers before decoding.

`PIL.Image.open` is not used: it tries every plugin, warns, and has one size limit for the whole process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.Image import DecompressionBombError, DecompressionBombWarning
from PIL.ImageFile import ImageFile

from service.errors import InvalidImage, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.foreign_formats import foreign_format

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_CORE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"})
START_OF_SCAN = b"\xff\xda"
MAX_SCANS = 64
WEBP_HEADER_BYTES = 10
RUN_LENGTHS = (b"\x01\0\0\0", b"\x02\0\0\0")


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """A JPEG without Pillow's reading of dots per inch from EXIF, which is not needed and can warn."""

    def _read_dpi_from_exif(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """A supported format.

    Attributes:
        name: Its usual spelling.
        media_types: The registered one first, then others in use.
        recognises: Whether bytes begin like this format.
        opens: From bytes to an image whose header has been read, and no more.
        bytes_per_pixel: The most memory that decoding takes.
    """

    name: str
    media_types: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    opens: Callable[[bytes], ImageFile]
    bytes_per_pixel: int


def open_image(data: bytes, limits: InputLimits) -> ImageFile:
    """Open an image: read its header, and check its format and size; nothing is decoded.

    Raises:
        InvalidImage: The bytes are no image in a supported format, or a damaged one.
        TooLarge: It is over a limit.
    """
    if len(data) > limits.max_image_bytes:
        raise TooLarge(f"The image has {len(data):,} bytes; the limit is {limits.max_image_bytes:,}.")
    found = _recognised(data)
    if found is WEBP:
        _check_size(found, _webp_size(data), found.bytes_per_pixel, limits)
    try:
        image = found.opens(data)
    except (DecompressionBombError, DecompressionBombWarning):
        raise TooLarge(f"The {found.name} has more than the limit of {limits.max_pixels:,} pixels.") from None
    except Exception as error:  # noqa: BLE001 -- Pillow raises nearly anything on hostile bytes
        raise InvalidImage(f"The {found.name} is damaged: its header cannot be read ({error}).") from None
    _check_size(found, image.size, _bytes_per_pixel(found, image), limits)
    return image


def is_mislabelled(image: ImageFile, media_type: str | None) -> bool:
    """Return whether an image that `open_image` returned is declared as another media type than its own."""
    return media_type not in _MEDIA_TYPES[image.format] and media_type not in _UNDECLARED


def _recognised(data: bytes) -> Format:
    for candidate in FORMATS:
        if candidate.recognises(data):
            return candidate
    if not data:
        raise InvalidImage("The image is empty: it has 0 bytes.")
    if foreign := foreign_format(data):
        raise foreign.error()
    raise InvalidImage(f"The bytes are not an image in a supported format; send {NAMES}.")


def _check_size(found: Format, size: tuple[int, int], bytes_per_pixel: int, limits: InputLimits) -> None:
    width, height = size
    what = f"The {found.name} has {width:,} x {height:,} pixels"
    if width * height > limits.max_pixels:
        raise TooLarge(f"{what}; the limit is {limits.max_pixels:,} in all.")
    needed = width * height * bytes_per_pixel
    if needed > limits.max_decoded_bytes:
        raise TooLarge(f"{what}, and decoding takes {needed:,} bytes; the limit is {limits.max_decoded_bytes:,}.")


def _bytes_per_pixel(found: Format, image: ImageFile) -> int:
    """Return the memory a pixel takes; a progressive JPEG keeps two bytes a channel, even for a reduced draft."""
    if found is JPEG and "progressive" in image.info:
        return 2 * len(image.getbands())
    return found.bytes_per_pixel


def _open_png(data: bytes) -> ImageFile:
    image = PngImagePlugin.PngImageFile(BytesIO(_lean_png(data)))
    image.info["animated"] = b"acTL" in data
    image.info["bit_depth"] = data[24]
    return image


def _lean_png(data: bytes) -> bytes:
    """Return the PNG without chunks that do not concern its pixels, such as compressed text and colour profiles."""
    kept, at, whole = [PNG_SIGNATURE], len(PNG_SIGNATURE), True
    while at + 8 <= len(data):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if kind in PNG_CORE:
            kept.append(data[at:end])
        else:
            whole = False
        at = end
    return data if whole else b"".join(kept)


def _open_jpeg(data: bytes) -> ImageFile:
    if data.count(START_OF_SCAN) > MAX_SCANS:  # each scan costs a pass over the whole image
        raise InvalidImage(f"it has more than {MAX_SCANS} scans")
    return _Jpeg(BytesIO(data))


def _open_bmp(data: bytes) -> ImageFile:
    if data[30:34] in RUN_LENGTHS:  # Pillow decodes these in Python: a few kilobytes would take seconds
        raise InvalidImage("it is run-length encoded; save it as an uncompressed BMP, or as PNG")
    return BmpImagePlugin.BmpImageFile(BytesIO(data))


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height from a WebP's first chunk (RFC 9649): Pillow would allocate memory at opening."""
    kind, chunk = data[12:16], data[20:30]
    if len(chunk) < WEBP_HEADER_BYTES:
        raise InvalidImage("The WebP is damaged: it ends within its header.")
    if kind == b"VP8X":
        return 1 + int.from_bytes(chunk[4:7], "little"), 1 + int.from_bytes(chunk[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(chunk[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(chunk[6:8], "little") & 0x3FFF, int.from_bytes(chunk[8:10], "little") & 0x3FFF


PNG = Format(
    name="PNG",
    media_types=("image/png", "image/apng", "image/x-png"),
    recognises=lambda data: data.startswith(PNG_SIGNATURE),
    opens=_open_png,
    bytes_per_pixel=4,
)
JPEG = Format(
    name="JPEG",
    media_types=("image/jpeg", "image/jpg", "image/pjpeg"),
    recognises=lambda data: data.startswith(b"\xff\xd8\xff"),
    opens=_open_jpeg,
    bytes_per_pixel=4,
)
WEBP = Format(
    name="WebP",
    media_types=("image/webp",),
    recognises=lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
    opens=lambda data: WebPImagePlugin.WebPImageFile(BytesIO(data)),
    bytes_per_pixel=16,
)
BMP = Format(
    name="BMP",
    media_types=("image/bmp", "image/x-ms-bmp", "image/x-bmp"),
    recognises=lambda data: data.startswith(b"BM"),
    opens=_open_bmp,
    bytes_per_pixel=4,
)
GIF = Format(
    name="GIF",
    media_types=("image/gif",),
    recognises=lambda data: data.startswith((b"GIF87a", b"GIF89a")),
    opens=lambda data: GifImagePlugin.GifImageFile(BytesIO(data)),
    bytes_per_pixel=4,
)
FORMATS = (PNG, JPEG, WEBP, BMP, GIF)
_MEDIA_TYPES: Mapping[str | None, tuple[str, ...]] = {each.name.upper(): each.media_types for each in FORMATS}
NAMES = "PNG, JPEG, WebP, BMP or GIF"
#: Media types that name no format of an image.
_UNDECLARED = frozenset(
    {None, "", "image/*", "*/*", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded"}
)
