"""The plainest PNG of a digit takes a shorter way, and any other file takes the usual one."""

import zlib
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.inference.limits import InputLimits
from service.inference.pictures.plain_png import plain_digit
from service.inference.pictures.report import UNCHANGED
from service.inference.requests.body import read_body
from tests.png import inserted

Bytes = NDArray[np.uint8]


def saved(image: Image.Image) -> bytes:
    """Return the image as Pillow writes it."""
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def with_pixels(data: bytes) -> bytes:
    """Return a PNG whose chunk of pixels has *data*, and a checksum that fits."""
    whole = saved(Image.new("L", (28, 28)))
    body = b"IDAT" + data
    return whole[:33] + len(data).to_bytes(4) + body + zlib.crc32(body).to_bytes(4) + whole[-12:]


def test_the_pixels_of_a_digit_are_those_that_pillow_reads(digit: Bytes) -> None:
    """Also of noise, whose rows Pillow writes with other filters."""
    noise = np.random.default_rng(7).integers(0, 256, (28, 28), np.uint8)
    for grey in (digit, noise):
        found = plain_digit(saved(Image.fromarray(grey)))
        assert found is not None
        assert np.array_equal(found.reshape(28, 28), grey)


def test_a_body_with_a_digit_is_read_the_same_on_both_ways(digit: Bytes) -> None:
    """An additional chunk leads to the usual way."""
    data, limits = saved(Image.fromarray(digit)), InputLimits()
    with_text = inserted(data, (b"tEXt", b"a\0b"), before=b"IDAT")
    assert plain_digit(with_text) is None
    short, usual = (read_body(each, "image/png", limits) for each in (data, with_text))
    assert np.array_equal(short.rows, usual.rows)
    assert short.reports == (UNCHANGED,)


def test_other_files_take_the_usual_way(digit: Bytes) -> None:
    """Of another size, in colour, interlaced, or of another format."""
    image = Image.fromarray(digit)
    assert plain_digit(saved(image.resize((56, 56)))) is None
    assert plain_digit(saved(image.convert("RGB"))) is None
    assert plain_digit(b"") is None


@pytest.mark.parametrize(
    "pixels",
    [
        zlib.compress(bytes(28 * 29 - 1)),
        zlib.compress(bytes([9, *bytes(28 * 29 - 1)])),
        zlib.compress(bytes(28 * 29))[:-5],
        b"no zlib",
        b"",
    ],
    ids=["too few pixels", "unknown filter", "cut short", "not compressed", "empty"],
)
def test_a_damaged_file_takes_the_usual_way(pixels: bytes) -> None:
    """That way says what is wrong with it."""
    assert plain_digit(with_pixels(pixels)) is None


def test_a_wrong_checksum_takes_the_usual_way(digit: Bytes) -> None:
    """The checksum of the chunk of pixels is compared."""
    data = bytearray(saved(Image.fromarray(digit)))
    data[-13] ^= 1
    assert plain_digit(bytes(data)) is None
