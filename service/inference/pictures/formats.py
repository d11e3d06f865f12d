"""The picture formats that we open, told by their bytes, sized by their headers, and opened by nothing else.

`PIL.Image.open` is not used: it asks every plugin, warns, and knows one size limit for the whole process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.Image import DecompressionBombError, DecompressionBombWarning
from PIL.ImageFile import ImageFile

from service.errors import InvalidImage, TooLarge, UnsupportedMedia
from service.inference.limits import InputLimits

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_CORE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"})
START_OF_SCAN = b"\xff\xda"
MAX_SCANS = 64
WEBP_HEADER_BYTES = 10
RUN_LENGTHS = (b"\x01\0\0\0", b"\x02\0\0\0")


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """A JPEG whose EXIF is not read for its dots per inch, which nobody asked for and which warns."""

    def _read_dpi_from_exif(self) -> None:
        """Nothing: see the class."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format that we read.

    Attributes:
        name: As people write it.
        media_types: The registered one first, then what else is in use.
        recognises: Whether bytes begin like this format.
        opens: From bytes to a picture that has read its header, and no more.
        bytes_per_pixel: Memory that decoding takes at most.
    """

    name: str
    media_types: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    opens: Callable[[bytes], ImageFile]
    bytes_per_pixel: int


def open_picture(data: bytes, limits: InputLimits, *, media_type: str | None = None) -> ImageFile:
    """Open a picture as far as its header, which must be one that we read, of a size that we take.

    Raises:
        InvalidImage: It is no picture, a damaged one, or not what *media_type* says.
        TooLarge: It is over a limit; nothing was decoded.
        UnsupportedMedia: *media_type* names a format that we do not read.
    """
    if len(data) > limits.max_image_bytes:
        raise TooLarge(f"The picture has {len(data):,} bytes; the limit is {limits.max_image_bytes:,}.")
    found = _recognised(data)
    _check_declared(found, media_type)
    if found is WEBP:
        _check_size(found, _webp_size(data), found.bytes_per_pixel, limits)
    try:
        picture = found.opens(data)
    except (DecompressionBombError, DecompressionBombWarning):
        raise TooLarge(f"The {found.name} has more than the limit of {limits.max_pixels:,} pixels.") from None
    except Exception as error:  # noqa: BLE001 -- Pillow raises nearly anything on hostile bytes
        raise InvalidImage(f"The {found.name} is damaged: its header cannot be read ({error}).") from None
    _check_size(found, picture.size, _bytes_per_pixel(found, picture), limits)
    return picture


def _recognised(data: bytes) -> Format:
    for candidate in FORMATS:
        if candidate.recognises(data):
            return candidate
    if not data:
        raise InvalidImage("The picture is empty: it has 0 bytes.")
    raise InvalidImage(f"These bytes are no picture that we read; we read {NAMES}.")


def _check_declared(found: Format, media_type: str | None) -> None:
    if media_type in NO_CLAIM or media_type in found.media_types:
        return
    declared = next((each for each in FORMATS if media_type in each.media_types), None)
    if declared is None:
        raise UnsupportedMedia(f"We do not read {media_type}; we read {NAMES}.")
    raise InvalidImage(f"It is declared as {media_type}, but its bytes are a {found.name}.")


def _check_size(found: Format, size: tuple[int, int], bytes_per_pixel: int, limits: InputLimits) -> None:
    width, height = size
    what = f"The {found.name} has {width:,} x {height:,} pixels"
    if width * height > limits.max_pixels:
        raise TooLarge(f"{what}; the limit is {limits.max_pixels:,} in all.")
    needed = width * height * bytes_per_pixel
    if needed > limits.max_decoded_bytes:
        raise TooLarge(f"{what}, which take {needed:,} bytes to open; the limit is {limits.max_decoded_bytes:,}.")


def _bytes_per_pixel(found: Format, picture: ImageFile) -> int:
    """A progressive JPEG keeps two bytes for each channel of each pixel, whatever its draft size."""
    if found is JPEG and "progressive" in picture.info:
        return 2 * len(picture.getbands())
    return found.bytes_per_pixel


def _open_png(data: bytes) -> ImageFile:
    picture = PngImagePlugin.PngImageFile(BytesIO(_lean_png(data)))
    picture.info["animated"] = b"acTL" in data
    picture.info["bit_depth"] = data[24]
    return picture


def _lean_png(data: bytes) -> bytes:
    """The same picture without the chunks that are not its pixels: no text bombs, no profiles."""
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
    if data.count(START_OF_SCAN) > MAX_SCANS:  # each scan costs a pass over the whole picture
        raise InvalidImage(f"it has more than {MAX_SCANS} scans")
    return _Jpeg(BytesIO(data))


def _open_bmp(data: bytes) -> ImageFile:
    if data[30:34] in RUN_LENGTHS:  # decoded in Python, a loop for each run: a few kilobytes would take seconds
        raise InvalidImage("it is encoded in runs; save it as a plain BMP, or as PNG")
    return BmpImagePlugin.BmpImageFile(BytesIO(data))


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height out of a WebP's first chunk, for Pillow allocates as it opens (RFC 9649)."""
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
NAMES = "PNG, JPEG, WebP, BMP and GIF"
NO_CLAIM = frozenset({None, "", "image/*", "*/*", "application/octet-stream"})
