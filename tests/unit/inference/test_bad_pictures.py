"""What is no picture, or too much of one, is refused in words that help."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from service.errors import InvalidImage, TooLarge, UnsupportedMedia
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image

Bytes = NDArray[np.uint8]

FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "GIF"]


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture."""
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def large(digit: Bytes, side: int = 280) -> Image.Image:
    """The digit, ten times its size."""
    return Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)


def test_a_bmp_in_runs_is_not_decoded(limits: InputLimits) -> None:
    """16 million pixels in 12 kB: Pillow would go through them one by one, in Python."""
    side = 4000
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 2 * side, 2835, 2835, 256, 256)
    body = bytes(1024) + b"\0\0" * side + b"\0\1"
    data = b"BM" + struct.pack("<IHHI", 54 + len(body), 0, 0, 54 + 1024) + header + body
    with pytest.raises(InvalidImage, match="run-length encoded"):
        read_image(data, limits)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_truncated_picture_says_so(digit: Bytes, limits: InputLimits, kind: str, share: float) -> None:
    """Half a file is no picture."""
    noisy = np.asarray(large(digit)) ^ np.random.default_rng(0).integers(0, 255, (280, 280), dtype=np.uint8)
    data = saved(Image.fromarray(noisy).convert("RGB"), kind)
    with pytest.raises(InvalidImage, match=r"damaged|cut short"):
        read_image(data[: int(len(data) * share)], limits)


def test_a_gif_that_is_declared_as_png_is_refused_naming_both(digit: Bytes, limits: InputLimits) -> None:
    """The bytes decide, and the sender is told."""
    with pytest.raises(InvalidImage, match=r"image/png.*GIF"):
        read_image(saved(large(digit), "GIF"), limits, media_type="image/png")


@pytest.mark.parametrize("media_type", [None, "", "image/*", "application/octet-stream", "image/jpg", "image/jpeg"])
def test_no_claim_or_an_alias_is_no_mismatch(digit: Bytes, limits: InputLimits, media_type: str | None) -> None:
    """A sender may say nothing, or say it in an old way."""
    assert read_image(saved(large(digit), "JPEG"), limits, media_type=media_type).width == 280


def test_a_format_that_we_do_not_read_is_named(digit: Bytes, limits: InputLimits) -> None:
    """TIFF is no picture to us, declared or not."""
    data = saved(large(digit), "TIFF")
    with pytest.raises(InvalidImage, match="PNG, JPEG"):
        read_image(data, limits)
    with pytest.raises(UnsupportedMedia, match="image/tiff"):
        read_image(saved(large(digit)), limits, media_type="image/tiff")


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"])
def test_nothing_or_a_signature_alone_is_refused(limits: InputLimits, data: bytes) -> None:
    """Not a byte of picture in it."""
    with pytest.raises(InvalidImage):
        read_image(data, limits)


def test_a_picture_longer_than_the_limit_is_too_large(digit: Bytes) -> None:
    """The length of the file has a limit too."""
    with pytest.raises(TooLarge, match="100"):
        read_image(saved(large(digit)), InputLimits(max_image_bytes=100))


def test_text_bombs_beside_the_pixels_are_not_even_read(digit: Bytes, limits: InputLimits) -> None:
    """A PNG may carry megabytes of compressed text; they are skipped."""
    notes = PngImagePlugin.PngInfo()
    for number in range(100):
        notes.add_text(f"bomb{number}", "0" * 1_000_000, zip=True)
    seen = read_image(saved(Image.fromarray(digit), pnginfo=notes), limits)
    assert np.array_equal(seen.pixels, digit)


def test_a_jpeg_of_a_thousand_scans_is_refused(digit: Bytes, limits: InputLimits) -> None:
    """Each scan is a pass over the picture, for a few bytes of file."""
    data = saved(large(digit), "JPEG", progressive=True)
    with pytest.raises(InvalidImage, match="scans"):
        read_image(data + b"\xff\xda" * 1000, limits)


def _header_says(kind: str, side: int) -> bytes:
    """A small file whose header speaks of *side* x *side* pixels."""
    patches: dict[str, Callable[[bytearray], None]] = {
        "PNG": lambda data: data.__setitem__(slice(16, 24), side.to_bytes(4) * 2),
        "BMP": lambda data: data.__setitem__(slice(18, 26), side.to_bytes(4, "little") * 2),
        "GIF": lambda data: data.__setitem__(slice(6, 10), side.to_bytes(2, "little") * 2),
        "WEBP": lambda data: data.__setitem__(slice(24, 30), min(side, 16383).to_bytes(3, "little") * 2),
        "JPEG": lambda data: data.__setitem__(
            slice(data.index(b"\xff\xc0") + 5, data.index(b"\xff\xc0") + 9), side.to_bytes(2) * 2
        ),
    }
    options = {"exif": b"Exif\x00\x00x"} if kind == "WEBP" else {}
    data = bytearray(saved(Image.new("RGB", (8, 8)), kind, **options))
    patches[kind](data)
    if kind == "PNG":
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
    return bytes(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_30000_by_30000_pixels_are_refused_from_the_header(limits: InputLimits, kind: str) -> None:
    """No pixel of it is decoded, and the sentence names the size and the limit."""
    with pytest.raises(TooLarge, match="16,000,000"):
        read_image(_header_says(kind, 30_000), limits)
