"""Files that are no image, damaged or too large are refused with the reason."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from service.errors import InvalidImage, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image

Bytes = NDArray[np.uint8]

FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "GIF"]


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The image as a file."""
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def large(digit: Bytes, side: int = 280) -> Image.Image:
    """The digit, scaled up ten times."""
    return Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)


def test_a_run_length_encoded_bmp_is_refused(limits: InputLimits) -> None:
    """A run-length encoded BMP, 16 million pixels in 12 kB, is refused: Pillow would decode it in Python."""
    side = 4000
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 2 * side, 2835, 2835, 256, 256)
    body = bytes(1024) + b"\0\0" * side + b"\0\1"
    data = b"BM" + struct.pack("<IHHI", 54 + len(body), 0, 0, 54 + 1024) + header + body
    with pytest.raises(InvalidImage, match="run-length encoded"):
        read_image(data, limits)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_truncated_image_is_refused(digit: Bytes, limits: InputLimits, kind: str, share: float) -> None:
    """A file that is cut short is refused as damaged."""
    noisy = np.asarray(large(digit)) ^ np.random.default_rng(0).integers(0, 255, (280, 280), dtype=np.uint8)
    data = saved(Image.fromarray(noisy).convert("RGB"), kind)
    with pytest.raises(InvalidImage, match=r"damaged|cut short"):
        read_image(data[: int(len(data) * share)], limits)


@pytest.mark.parametrize("media_type", [None, "", "image/*", "application/octet-stream", "image/jpg", "image/jpeg"])
def test_no_media_type_or_an_alias_is_accepted(digit: Bytes, limits: InputLimits, media_type: str | None) -> None:
    """An image without a declared media type, or with an old alias, is read."""
    assert read_image(saved(large(digit), "JPEG"), limits, media_type=media_type).width == 280


def test_a_format_that_is_not_supported_is_named(digit: Bytes, limits: InputLimits) -> None:
    """TIFF, AVIF and PDF, as Pillow writes them, are refused by their names."""
    for kind, name in (("TIFF", "TIFF"), ("AVIF", "AVIF"), ("PDF", "PDF")):
        with pytest.raises(InvalidImage, match=f"this is {name}"):
            read_image(saved(large(digit), kind), limits)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"])
def test_nothing_or_a_signature_alone_is_refused(limits: InputLimits, data: bytes) -> None:
    """An empty file, and a bare signature, are refused."""
    with pytest.raises(InvalidImage):
        read_image(data, limits)


def test_an_image_longer_than_the_limit_is_too_large(digit: Bytes) -> None:
    """A file longer than the limit is too large."""
    with pytest.raises(TooLarge, match="100"):
        read_image(saved(large(digit)), InputLimits(max_image_bytes=100))


def test_compressed_text_in_a_png_is_skipped(digit: Bytes, limits: InputLimits) -> None:
    """Megabytes of compressed text in a PNG are skipped, and its pixels are read."""
    notes = PngImagePlugin.PngInfo()
    for number in range(100):
        notes.add_text(f"bomb{number}", "0" * 1_000_000, zip=True)
    prepared = read_image(saved(Image.fromarray(digit), pnginfo=notes), limits)
    assert np.array_equal(prepared.pixels, digit)


def test_a_jpeg_of_a_thousand_scans_is_refused(digit: Bytes, limits: InputLimits) -> None:
    """A JPEG of a thousand scans, each a pass over the whole image, is refused."""
    data = saved(large(digit), "JPEG", progressive=True)
    with pytest.raises(InvalidImage, match="scans"):
        read_image(data + b"\xff\xda" * 1000, limits)


def _header_says(kind: str, side: int) -> bytes:
    """A small file whose header claims *side* x *side* pixels."""
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
    """An image of 30,000 x 30,000 pixels is refused before decoding; the error names its size and the limit."""
    with pytest.raises(TooLarge, match="16,000,000"):
        read_image(_header_says(kind, 30_000), limits)
