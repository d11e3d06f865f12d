"""Pictures of every kind are read as a person would see them."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image
from service.inference.pictures.report import WARNINGS
from tests.png import COLOUR, GREY, png

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


def test_a_28x28_png_gives_its_very_bytes(digit: Bytes, limits: InputLimits) -> None:
    """Bytes in, the same bytes to the network."""
    seen = read_image(saved(Image.fromarray(digit)), limits)
    assert np.array_equal(seen.pixels, digit)
    assert (seen.width, seen.height, seen.inverted, seen.crop, seen.shift) == (28, 28, False, None, None)
    assert seen.warnings == ()


def test_no_mnist_digit_of_28x28_is_changed_or_warned_of(mnist: dict[str, Bytes], limits: InputLimits) -> None:
    """What the network was trained on is taken as it is."""
    for digit in mnist["x_test"][:300]:
        seen = read_image(saved(Image.fromarray(digit), "BMP"), limits)
        assert np.array_equal(seen.pixels, digit)
        assert seen.warnings == ()


def test_a_28x28_dark_on_light_is_inverted(digit: Bytes, limits: InputLimits) -> None:
    """Plainly dark on light becomes light on dark."""
    seen = read_image(saved(Image.fromarray(255 - digit)), limits)
    assert seen.inverted
    assert np.array_equal(seen.pixels, digit)


def test_28x28_noise_stays_as_it_is(limits: InputLimits) -> None:
    """What is not plainly dark on light is not touched."""
    noise = np.random.default_rng(0).integers(60, 256, (28, 28), dtype=np.uint8)
    assert np.array_equal(read_image(saved(Image.fromarray(noise)), limits).pixels, noise)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_shows_the_same_digit(digit: Bytes, limits: InputLimits, kind: str) -> None:
    """The format leaves hardly a trace in what the network sees."""
    wanted = read_image(saved(large(digit)), limits).pixels.astype(int)
    seen = read_image(saved(large(digit), kind), limits).pixels
    assert np.abs(seen - wanted).mean() < 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_png_mode_shows_the_same_digit(digit: Bytes, limits: InputLimits, mode: str) -> None:
    """Bilevel, grey, palette, colour, with and without alpha, and 16 bits."""
    grey = large(digit)
    image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    wanted = read_image(saved(grey), limits).pixels.astype(int)
    assert np.abs(read_image(saved(image), limits).pixels - wanted).mean() < 4


def test_16_bits_are_scaled_to_8(limits: InputLimits, digit: Bytes) -> None:
    """65,535 is white, and not 255 grey levels of 65,535."""
    image = Image.fromarray(digit.astype(np.uint16) * 257)
    assert image.mode == "I;16"
    assert np.array_equal(read_image(saved(image), limits).pixels, digit)


@pytest.mark.parametrize(("colour", "depth"), [(GREY, 8), (GREY, 16), (COLOUR, 16)])
def test_a_transparent_colour_is_no_ink(limits: InputLimits, colour: int, depth: int) -> None:
    """A PNG may name one colour as clear, be it no black; at every depth it becomes the background."""
    paper, channels = 0x4080 >> (16 - depth), (3,) if colour == COLOUR else ()
    samples = np.full((28, 28, *channels), paper)
    samples[:, 10:18] = 2**depth - 1
    clear = struct.pack(">H", paper) * (3 if colour == COLOUR else 1)
    seen = read_image(png(samples, colour, depth, (b"tRNS", clear)), limits)
    assert seen.pixels[14, 2] == 0
    assert seen.pixels[14, 14] == 255


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_a_clear_ground_is_read_whatever_its_colour(digit: Bytes, limits: InputLimits, ink: int) -> None:
    """A canvas without a background: black ink is laid on white, white ink on black."""
    image = Image.merge("LA", (Image.new("L", (280, 280), ink), large(digit)))
    wanted = read_image(saved(large(digit)), limits).pixels.astype(int)
    seen = read_image(saved(image), limits)
    assert seen.inverted == (ink == 0)
    assert np.abs(seen.pixels - wanted).mean() < 3


def test_clear_corners_of_a_paper_become_paper(digit: Bytes, limits: InputLimits) -> None:
    """Where most is opaque, the clear rest is laid on the same paper."""
    alpha = Image.new("L", (280, 280), 255)
    alpha.paste(0, (0, 0, 280, 20))
    image = Image.merge("LA", (Image.fromarray(255 - np.asarray(large(digit))), alpha))
    seen = read_image(saved(image), limits)
    assert seen.inverted
    assert seen.warnings == ()


def test_a_wholly_clear_picture_is_blank(limits: InputLimits) -> None:
    """Nothing can be seen of it."""
    assert read_image(saved(Image.new("RGBA", (50, 50))), limits).warnings == ("blank",)


def test_a_palette_with_partial_transparency_is_composed(digit: Bytes, limits: InputLimits) -> None:
    """A palette may carry an alpha for each of its colours."""
    image = Image.fromarray(digit).convert("P")
    alphas = bytes([0] * 40 + [255] * 216)
    seen = read_image(saved(image, transparency=alphas), limits)
    assert seen.pixels.max() > 200


@pytest.mark.parametrize("exif", [b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00MM\x00*" + b"\x00" * 9, b"x"])
def test_damaged_exif_is_no_rotation_and_no_warning(digit: Bytes, limits: InputLimits, exif: bytes) -> None:
    """A broken EXIF block spoils nothing, and nobody is warned on the console."""
    assert read_image(saved(large(digit), "JPEG", exif=exif), limits).warnings == ()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_several_frames_the_first_is_read_with_a_warning(digit: Bytes, limits: InputLimits, kind: str) -> None:
    """An animation is its first frame."""
    first, second = large(digit).convert("RGB"), Image.new("RGB", (280, 280), (99, 0, 0))
    seen = read_image(saved(first, kind, save_all=True, append_images=[second]), limits)
    assert seen.warnings == ("animated",)
    wanted = read_image(saved(large(digit)), limits).pixels.astype(int)
    assert np.abs(seen.pixels - wanted).mean() < 4


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 3)])
def test_pictures_of_a_pixel_or_a_line_are_blank_and_no_error(
    limits: InputLimits, kind: str, size: tuple[int, int]
) -> None:
    """The smallest pictures there are."""
    seen = read_image(saved(Image.new("RGB", size, (9, 9, 9)), kind), limits)
    assert (seen.width, seen.height) == size
    assert "blank" in seen.warnings


@pytest.mark.parametrize("kind", FORMATS)
def test_a_blank_picture_is_told(limits: InputLimits, kind: str) -> None:
    """One colour all over, at any size."""
    seen = read_image(saved(Image.new("RGB", (200, 100), (200, 200, 200)), kind), limits)
    assert seen.warnings == ("blank",)
    assert seen.crop is None
    assert not seen.pixels.any()


def test_noise_alone_is_blank(limits: InputLimits) -> None:
    """A camera's noise is no ink."""
    noise = np.random.default_rng(0).normal(120, 8, (300, 300)).clip(0, 255).astype(np.uint8)
    assert "blank" in read_image(saved(Image.fromarray(noise)), limits).warnings


def test_low_contrast_is_told_and_read_all_the_same(digit: Bytes, limits: InputLimits) -> None:
    """Faint ink is stretched to full depth."""
    faint = Image.fromarray((np.asarray(large(digit)) // 6 + 100).astype(np.uint8))
    seen = read_image(saved(faint), limits)
    assert seen.warnings == ("low_contrast",)
    assert seen.pixels.max() == 255


def test_ink_at_the_edge_is_told(digit: Bytes, limits: InputLimits) -> None:
    """A digit that is cut off by the edge."""
    cut = large(digit).crop((0, 0, 140, 280))
    assert "ink_at_edge" in read_image(saved(cut), limits).warnings


def test_crop_is_told_in_pixels_of_the_picture_as_sent(limits: InputLimits) -> None:
    """Also where the picture was reduced on its way."""
    image = Image.new("L", (4000, 2000), 255)
    image.paste(0, (1000, 500, 1200, 1500))
    left, top, right, bottom = read_image(saved(image), limits).crop
    assert np.allclose((left, top, right, bottom), (1000, 500, 1200, 1500), atol=16)


def test_a_speck_of_dirt_does_not_move_the_crop(digit: Bytes, limits: InputLimits) -> None:
    """A few dark pixels in a corner are no part of the digit."""
    clean = np.full((600, 600), 250, np.uint8)
    clean[200:480, 200:480] = 250 - np.asarray(large(digit)) // 2
    dirty = clean.copy()
    dirty[20:26, 30:36] = 0
    one, other = (read_image(saved(Image.fromarray(each)), limits) for each in (clean, dirty))
    assert one.crop == other.crop


def test_every_warning_has_its_sentence() -> None:
    """The codes are a table, in order."""
    assert list(WARNINGS) == sorted(WARNINGS)
    assert all(sentence.endswith(".") for sentence in WARNINGS.values())
