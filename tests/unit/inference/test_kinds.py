"""Whatever kind of file a picture is, it is read as the same picture made plainly."""

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
    """A digit as MNIST has it, or large and away from the middle of no square: (h, w)."""
    if request.param == "28x28":
        return digit
    return np.pad(np.asarray(Image.fromarray(digit).resize((131, 143), Image.Resampling.BICUBIC)), ((9, 40), (60, 21)))


def saved(grey: Bytes, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture."""
    stream = BytesIO()
    Image.fromarray(grey).save(stream, kind, **options)
    return stream.getvalue()


def same(data: bytes, plain: Bytes, limits: InputLimits, *, within: int = 1) -> bool:
    """Whether *data* is read as the plain grey picture is, and the same is told of it."""
    seen, wanted = read_image(data, limits), read_image(saved(plain), limits)
    told, expected = ((each.width, each.height, each.crop, each.inverted, each.warnings) for each in (seen, wanted))
    return told == expected and bool(np.abs(seen.pixels.astype(int) - wanted.pixels).max() <= within)


def in_levels(grey: Bytes, depth: int) -> tuple[NDArray[np.int64], Bytes]:
    """The picture in ``2**depth`` levels: as these, and as the bytes that they stand for."""
    levels = np.rint(grey / 255 * (2**depth - 1)).astype(int)
    return levels, np.rint(levels / (2**depth - 1) * 255).astype(np.uint8)


def shuffled(levels: NDArray[np.int64], depth: int) -> tuple[NDArray[np.int64], Bytes]:
    """The same levels as places in a palette that is in no order, and that palette's greys: (2**depth,)."""
    order = np.random.default_rng(0).permutation(2**depth)
    return np.argsort(order)[levels], np.rint(order / (2**depth - 1) * 255).astype(np.uint8)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_of_every_depth(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """From two levels to 65,536."""
    levels, plain = in_levels(picture, depth)
    assert same(png(levels, GREY, depth, interlaced=interlaced), plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_with_a_clear_level(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """Paper that is named as clear is paper all the same, black or white."""
    for clear, grey in ((0, picture), (2**depth - 1, 255 - picture)):
        levels, plain = in_levels(grey, depth)
        chunk: Chunk = (b"tRNS", struct.pack(">H", clear))
        assert same(png(levels, GREY, depth, chunk, interlaced=interlaced), plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palettes_of_every_depth(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """A pixel is a place in the palette, and no grey level."""
    levels, plain = in_levels(picture, depth)
    places, greys = shuffled(levels, depth)
    data = png(places, PALETTE, depth, *palette(np.stack([greys] * 3, axis=1)), interlaced=interlaced)
    assert same(data, plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palettes_with_transparency(picture: Bytes, limits: InputLimits, depth: int, *, interlaced: bool) -> None:
    """Black that is more or less clear: a drawing on no ground at all, dark on light."""
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
    """Colours that are greys, and alpha that hides nothing."""
    levels, plain = in_levels(picture, depth)
    opaque = np.full_like(levels, 2**depth - 1)
    channels = {COLOUR: [levels] * 3, GREY_ALPHA: [levels, opaque], COLOUR_ALPHA: [levels] * 3 + [opaque]}
    assert same(png(np.stack(channels[colour], axis=2), colour, depth, interlaced=interlaced), plain, limits)


@interlaced_or_not
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("colour", [GREY_ALPHA, COLOUR_ALPHA], ids=["LA", "RGBA"])
def test_ink_on_a_clear_ground(
    picture: Bytes, limits: InputLimits, colour: int, depth: int, *, interlaced: bool
) -> None:
    """The digit is in the alpha alone; black ink goes onto white, and white ink onto black."""
    levels, plain = in_levels(picture, depth)
    for white, wanted in ((0, 255 - plain), (2**depth - 1, plain)):
        ink = [np.full_like(levels, white)] * (3 if colour == COLOUR_ALPHA else 1)
        assert same(png(np.stack([*ink, levels], axis=2), colour, depth, interlaced=interlaced), wanted, limits)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
def test_every_exif_orientation(picture: Bytes, limits: InputLimits, kind: str, orientation: int, order: str) -> None:
    """Turned, mirrored or both, in a file of either byte order."""
    lying = np.ascontiguousarray(TURNS[orientation](picture))
    data = saved(lying, kind, exif=exif(orientation, order), **FORMATS[kind])
    assert same(data, picture, limits, within=4 if kind == "JPEG" else 0)


def test_an_orientation_behind_the_pixels(picture: Bytes, limits: InputLimits) -> None:
    """A PNG may tell it as late as that, and programs that add it to a file do."""
    lying = saved(np.ascontiguousarray(TURNS[6](picture)))
    data = inserted(lying, (b"eXIf", exif(6).removeprefix(b"Exif\0\0")), before=b"IEND")
    assert same(data, picture, limits, within=0)


def exif(orientation: int, order: str = "<") -> bytes:
    """An EXIF block that says how a picture lies."""
    block = Image.Exif()
    block.endian, block[0x0112] = order, orientation
    return block.tobytes()


@pytest.mark.parametrize("kind", ["GIF", "BMP", "PNG"])
@pytest.mark.parametrize("mode", ["1", "P", "L"])
def test_few_colours_in_every_format(picture: Bytes, limits: InputLimits, kind: str, mode: str) -> None:
    """Two, a palette, or greys."""
    image = Image.fromarray(picture).convert(mode)
    stream = BytesIO()
    image.save(stream, kind)
    assert same(stream.getvalue(), np.asarray(image.convert("L")), limits)
