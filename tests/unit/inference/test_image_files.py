"""An image in any kind of file is read as its plain grey PNG is."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image
from tests.png import COLOUR, COLOUR_ALPHA, GREY, GREY_ALPHA, PALETTE, Chunk, inserted, palette, png

Bytes = NDArray[np.uint8]

FORMATS = {"JPEG": {"quality": 100}, "PNG": {}, "WEBP": {"lossless": True}}

#: What a camera does to a picture that is to be turned back (Exif 2.32, 4.6.4 A).
TURNS = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.T,
    6: lambda upright: upright.T[::-1],
    7: lambda upright: upright[::-1, ::-1].T,
    8: lambda upright: upright.T[:, ::-1],
}

interlaced_or_not = pytest.mark.parametrize("interlaced", [False, True], ids=["", "Adam7"])


@pytest.fixture(params=["28x28", "large"])
def picture(request: pytest.FixtureRequest, digit: Bytes) -> Bytes:
    """A digit as in MNIST, or a large one off the middle of an oblong image: (h, w)."""
    if request.param == "28x28":
        return digit
    return np.pad(np.asarray(Image.fromarray(digit).resize((131, 143), Image.Resampling.BICUBIC)), ((9, 40), (60, 21)))


def saved(grey: Bytes, kind: str = "PNG", **options: Any) -> bytes:
    """The image as a file."""
    stream = BytesIO()
    Image.fromarray(grey).save(stream, kind, **options)
    return stream.getvalue()


def same(data: bytes, plain: Bytes, limits: InputLimits, *, within: int = 1) -> bool:
    """Return whether *data* gives the same pixels and report as the plain grey image."""
    prepared, wanted = read_image(data, limits), read_image(saved(plain), limits)
    reported, expected = (
        (each.width, each.height, each.crop, each.inverted, each.warnings) for each in (prepared, wanted)
    )
    return reported == expected and bool(np.abs(prepared.pixels.astype(int) - wanted.pixels).max() <= within)


def in_levels(grey: Bytes, depth: int) -> tuple[NDArray[np.int64], Bytes]:
    """The image in ``2**depth`` levels: the levels, and the grey bytes that they stand for."""
    levels = np.rint(grey / 255 * (2**depth - 1)).astype(int)
    return levels, np.rint(levels / (2**depth - 1) * 255).astype(np.uint8)


def shuffled(levels: NDArray[np.int64], depth: int) -> tuple[NDArray[np.int64], Bytes]:
    """The levels as indices into a shuffled palette, and the palette's greys: (2**depth,)."""
    order = np.random.default_rng(0).permutation(2**depth)
    return np.argsort(order)[levels], np.rint(order / (2**depth - 1) * 255).astype(np.uint8)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_of_every_depth(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """Grey PNGs of 2 to 65,536 levels are read."""
    levels, plain = in_levels(picture, depth)
    assert same(png(levels, GREY, depth, interlaced=interlaced), plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_with_a_transparent_level(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """A background that is named as transparent is still background, black or white."""
    for clear, grey in ((0, picture), (2**depth - 1, 255 - picture)):
        levels, plain = in_levels(grey, depth)
        chunk: Chunk = (b"tRNS", struct.pack(">H", clear))
        assert same(png(levels, GREY, depth, chunk, interlaced=interlaced), plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palettes_of_every_depth(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """Pixels of a palette PNG are indices into the palette, not grey levels."""
    levels, plain = in_levels(picture, depth)
    places, greys = shuffled(levels, depth)
    data = png(places, PALETTE, depth, *palette(np.stack([greys] * 3, axis=1)), interlaced=interlaced)
    assert same(data, plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palettes_with_transparency(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """Black of varying alpha is a dark drawing on light background."""
    levels, plain = in_levels(picture, depth)
    places, alphas = shuffled(levels, depth)
    chunks = palette(np.zeros((2**depth, 3), np.uint8), alphas.tobytes())
    assert same(png(places, PALETTE, depth, *chunks, interlaced=interlaced), 255 - plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("colour", [COLOUR, GREY_ALPHA, COLOUR_ALPHA], ids=["RGB", "LA", "RGBA"])
def test_channels_of_8_and_16_bits(
    picture: Bytes, limits: InputLimits, colour: int, depth: int, *, interlaced: bool
) -> None:
    """Colour channels of equal values, with opaque alpha, are read as grey."""
    levels, plain = in_levels(picture, depth)
    opaque = np.full_like(levels, 2**depth - 1)
    channels = {COLOUR: [levels] * 3, GREY_ALPHA: [levels, opaque], COLOUR_ALPHA: [levels] * 3 + [opaque]}
    assert same(png(np.stack(channels[colour], axis=2), colour, depth, interlaced=interlaced), plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("colour", [GREY_ALPHA, COLOUR_ALPHA], ids=["LA", "RGBA"])
def test_ink_on_a_transparent_canvas(
    picture: Bytes, limits: InputLimits, colour: int, depth: int, *, interlaced: bool
) -> None:
    """A digit in the alpha channel alone is read: black ink is composed onto white, white ink onto black."""
    levels, plain = in_levels(picture, depth)
    for white, wanted in ((0, 255 - plain), (2**depth - 1, plain)):
        ink = [np.full_like(levels, white)] * (3 if colour == COLOUR_ALPHA else 1)
        assert same(png(np.stack([*ink, levels], axis=2), colour, depth, interlaced=interlaced), wanted, limits)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
def test_every_exif_orientation(picture: Bytes, limits: InputLimits, kind: str, orientation: int, order: str) -> None:
    """Rotated and mirrored images are brought upright, in EXIF blocks of either byte order."""
    lying = np.ascontiguousarray(TURNS[orientation](picture))
    data = saved(lying, kind, exif=exif(orientation, order), **FORMATS[kind])
    assert same(data, picture, limits, within=4 if kind == "JPEG" else 0)


def test_an_orientation_after_the_pixels(picture: Bytes, limits: InputLimits) -> None:
    """An EXIF block after the pixels of a PNG, where some programs add it, is obeyed."""
    lying = saved(np.ascontiguousarray(TURNS[6](picture)))
    data = inserted(lying, (b"eXIf", exif(6).removeprefix(b"Exif\0\0")), before=b"IEND")
    assert same(data, picture, limits, within=0)


def exif(orientation: int, order: str = "<") -> bytes:
    """An EXIF block with an orientation."""
    block = Image.Exif()
    block.endian, block[0x0112] = order, orientation
    return block.tobytes()


@pytest.mark.parametrize("kind", ["GIF", "BMP", "PNG"])
@pytest.mark.parametrize("mode", ["1", "P", "L"])
def test_few_colours_in_every_format(picture: Bytes, limits: InputLimits, kind: str, mode: str) -> None:
    """Images of two colours, of a palette and of greys are read in every format that has them."""
    image = Image.fromarray(picture).convert(mode)
    stream = BytesIO()
    image.save(stream, kind)
    assert same(stream.getvalue(), np.asarray(image.convert("L")), limits)
