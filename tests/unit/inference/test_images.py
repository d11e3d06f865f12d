"""Images of every format, mode and size are prepared for the network, with the right warnings."""

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
    """The image as a file."""
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def large(digit: Bytes, side: int = 280) -> Image.Image:
    """The digit, scaled up ten times."""
    return Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)


def test_a_28x28_png_is_unchanged(digit: Bytes, limits: InputLimits) -> None:
    """A 28x28 PNG goes to the network byte for byte."""
    prepared = read_image(saved(Image.fromarray(digit)), limits)
    assert np.array_equal(prepared.pixels, digit)
    assert (prepared.width, prepared.height, prepared.inverted, prepared.crop, prepared.shift) == (
        28,
        28,
        False,
        None,
        None,
    )
    assert prepared.warnings == ()


def test_no_mnist_digit_of_28x28_is_changed_or_causes_a_warning(mnist: dict[str, Bytes], limits: InputLimits) -> None:
    """The digits of MNIST themselves stay unchanged, without a warning."""
    for digit in mnist["x_test"][:300]:
        prepared = read_image(saved(Image.fromarray(digit), "BMP"), limits)
        assert np.array_equal(prepared.pixels, digit)
        assert prepared.warnings == ()


def test_a_28x28_dark_on_light_is_inverted(digit: Bytes, limits: InputLimits) -> None:
    """A dark digit on a light background is inverted."""
    prepared = read_image(saved(Image.fromarray(255 - digit)), limits)
    assert prepared.inverted
    assert np.array_equal(prepared.pixels, digit)


def test_28x28_noise_is_not_inverted(limits: InputLimits) -> None:
    """Noise, which is not clearly dark on light, is not inverted."""
    noise = np.random.default_rng(0).integers(60, 256, (28, 28), dtype=np.uint8)
    assert np.array_equal(read_image(saved(Image.fromarray(noise)), limits).pixels, noise)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_shows_the_same_digit(digit: Bytes, limits: InputLimits, kind: str) -> None:
    """Every format gives nearly the same pixels."""
    wanted = read_image(saved(large(digit)), limits).pixels.astype(int)
    prepared = read_image(saved(large(digit), kind), limits).pixels
    assert np.abs(prepared - wanted).mean() < 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_png_mode_shows_the_same_digit(digit: Bytes, limits: InputLimits, mode: str) -> None:
    """Bilevel, grey, palette and colour PNGs, with and without alpha, and of 16 bits, give the same digit."""
    grey = large(digit)
    image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    wanted = read_image(saved(grey), limits).pixels.astype(int)
    assert np.abs(read_image(saved(image), limits).pixels - wanted).mean() < 4


def test_16_bits_are_scaled_to_8(limits: InputLimits, digit: Bytes) -> None:
    """The 65,536 grey levels of a 16-bit PNG are scaled to 256."""
    image = Image.fromarray(digit.astype(np.uint16) * 257)
    assert image.mode == "I;16"
    assert np.array_equal(read_image(saved(image), limits).pixels, digit)


@pytest.mark.parametrize(("colour", "depth"), [(GREY, 8), (GREY, 16), (COLOUR, 16)])
def test_a_transparent_colour_becomes_background(limits: InputLimits, colour: int, depth: int) -> None:
    """The one transparent colour that a PNG may name becomes background, at every bit depth."""
    paper, channels = 0x4080 >> (16 - depth), (3,) if colour == COLOUR else ()
    samples = np.full((28, 28, *channels), paper)
    samples[:, 10:18] = 2**depth - 1
    clear = struct.pack(">H", paper) * (3 if colour == COLOUR else 1)
    prepared = read_image(png(samples, colour, depth, (b"tRNS", clear)), limits)
    assert prepared.pixels[14, 2] == 0
    assert prepared.pixels[14, 14] == 255


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_a_transparent_canvas_is_read_in_any_colour(digit: Bytes, limits: InputLimits, ink: int) -> None:
    """On a transparent canvas, black ink is composed onto white, and white ink onto black."""
    image = Image.merge("LA", (Image.new("L", (280, 280), ink), large(digit)))
    wanted = read_image(saved(large(digit)), limits).pixels.astype(int)
    prepared = read_image(saved(image), limits)
    assert prepared.inverted == (ink == 0)
    assert np.abs(prepared.pixels - wanted).mean() < 3


def test_transparent_corners_become_background(digit: Bytes, limits: InputLimits) -> None:
    """If most of an image is opaque, its transparent corners get the colour of the opaque background."""
    alpha = Image.new("L", (280, 280), 255)
    alpha.paste(0, (0, 0, 280, 20))
    image = Image.merge("LA", (Image.fromarray(255 - np.asarray(large(digit))), alpha))
    prepared = read_image(saved(image), limits)
    assert prepared.inverted
    assert prepared.warnings == ()


def test_a_fully_transparent_image_is_blank(limits: InputLimits) -> None:
    """A fully transparent image is blank."""
    assert read_image(saved(Image.new("RGBA", (50, 50))), limits).warnings == ("blank",)


def test_a_palette_with_partial_transparency_is_composed(digit: Bytes, limits: InputLimits) -> None:
    """A palette with an alpha value for each colour is composed onto a background."""
    image = Image.fromarray(digit).convert("P")
    alphas = bytes([0] * 40 + [255] * 216)
    prepared = read_image(saved(image, transparency=alphas), limits)
    assert prepared.pixels.max() > 200


@pytest.mark.parametrize("exif", [b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00MM\x00*" + b"\x00" * 9, b"x"])
def test_damaged_exif_is_no_rotation_and_no_warning(digit: Bytes, limits: InputLimits, exif: bytes) -> None:
    """A damaged EXIF block is ignored, without a warning on the console."""
    assert read_image(saved(large(digit), "JPEG", exif=exif), limits).warnings == ()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_several_frames_the_first_is_read_with_a_warning(digit: Bytes, limits: InputLimits, kind: str) -> None:
    """The first frame of an animation is read, with a warning."""
    first, second = large(digit).convert("RGB"), Image.new("RGB", (280, 280), (99, 0, 0))
    prepared = read_image(saved(first, kind, save_all=True, append_images=[second]), limits)
    assert prepared.warnings == ("animated",)
    wanted = read_image(saved(large(digit)), limits).pixels.astype(int)
    assert np.abs(prepared.pixels - wanted).mean() < 4


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 3)])
def test_images_of_a_pixel_or_a_line_are_blank_and_no_error(
    limits: InputLimits, kind: str, size: tuple[int, int]
) -> None:
    """An image of one pixel, or one line, is blank and no error."""
    prepared = read_image(saved(Image.new("RGB", size, (9, 9, 9)), kind), limits)
    assert (prepared.width, prepared.height) == size
    assert "blank" in prepared.warnings


@pytest.mark.parametrize("kind", FORMATS)
def test_a_blank_image_causes_a_warning(limits: InputLimits, kind: str) -> None:
    """An image of one colour is reported as blank."""
    prepared = read_image(saved(Image.new("RGB", (200, 100), (200, 200, 200)), kind), limits)
    assert prepared.warnings == ("blank",)
    assert prepared.crop is None
    assert not prepared.pixels.any()


def test_noise_alone_is_blank(limits: InputLimits) -> None:
    """The noise of a camera alone is no ink: the image is blank."""
    noise = np.random.default_rng(0).normal(120, 8, (300, 300)).clip(0, 255).astype(np.uint8)
    assert "blank" in read_image(saved(Image.fromarray(noise)), limits).warnings


def test_low_contrast_is_read_with_a_warning(digit: Bytes, limits: InputLimits) -> None:
    """Ink of low contrast is read with full contrast, and a warning."""
    faint = Image.fromarray((np.asarray(large(digit)) // 6 + 100).astype(np.uint8))
    prepared = read_image(saved(faint), limits)
    assert prepared.warnings == ("low_contrast",)
    assert prepared.pixels.max() == 255


def test_ink_at_the_edge_causes_a_warning(digit: Bytes, limits: InputLimits) -> None:
    """Ink that touches the edge causes a warning."""
    cut = large(digit).crop((0, 0, 140, 280))
    assert "ink_at_edge" in read_image(saved(cut), limits).warnings


def test_crop_is_in_pixels_of_the_original(limits: InputLimits) -> None:
    """The crop is in pixels of the original image, also if the image was reduced for preprocessing."""
    image = Image.new("L", (4000, 2000), 255)
    image.paste(0, (1000, 500, 1200, 1500))
    left, top, right, bottom = read_image(saved(image), limits).crop
    assert np.allclose((left, top, right, bottom), (1000, 500, 1200, 1500), atol=16)


def test_a_speck_of_dirt_does_not_move_the_crop(digit: Bytes, limits: InputLimits) -> None:
    """A speck in a corner does not enlarge the crop."""
    clean = np.full((600, 600), 250, np.uint8)
    clean[200:480, 200:480] = 250 - np.asarray(large(digit)) // 2
    dirty = clean.copy()
    dirty[20:26, 30:36] = 0
    one, other = (read_image(saved(Image.fromarray(each)), limits) for each in (clean, dirty))
    assert one.crop == other.crop


def test_every_warning_has_its_sentence() -> None:
    """Every warning code has a sentence, and the codes are sorted."""
    assert list(WARNINGS) == sorted(WARNINGS)
    assert all(sentence.endswith(".") for sentence in WARNINGS.values())


@pytest.mark.parametrize("size", [(200, 200), (300, 150)])
def test_a_one_from_edge_to_edge_is_read(size: tuple[int, int], limits: InputLimits) -> None:
    """A stroke that crosses the whole picture looks like a line of the paper; where nothing else is drawn, it stays."""
    canvas = np.full(size, 255, np.uint8)
    middle, half = size[1] // 2, size[1] // 20
    canvas[:, middle - half : middle + half + 1] = 0
    assert read_image(saved(Image.fromarray(canvas)), limits).pixels.any()
