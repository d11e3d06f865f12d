"""Request bodies of every supported content type are read; others are refused with the place and the reason."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.errors import InvalidImage, InvalidInput, TooLarge, UnsupportedMedia
from service.inference.limits import InputLimits
from service.inference.requests.base64_images import CHUNK, decode_image
from service.inference.requests.body import File, is_quick, read_body, read_files

Bytes = NDArray[np.uint8]

ZEROS = [[0] * 28 for _ in range(28)]


def png_of(digit: Bytes) -> bytes:
    """The digit as a PNG."""
    stream = BytesIO()
    Image.fromarray(digit).save(stream, "PNG")
    return stream.getvalue()


def with_pixel(value: Any, y: int = 3, x: int = 14) -> list[list[Any]]:
    """28 rows of 28 zeros, and one other value."""
    rows: list[list[Any]] = [list(row) for row in ZEROS]
    rows[y][x] = value
    return rows


def refusal(document: Any, limits: InputLimits) -> tuple[str, str]:
    """The pointer and the message of the error for a JSON body."""
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    with pytest.raises(InvalidInput) as caught:
        read_body(body, "application/json", limits)
    return caught.value.errors[0].pointer, caught.value.errors[0].message


def test_the_same_digit_gives_the_same_row_whichever_way_it_is_sent(digit: Bytes, limits: InputLimits) -> None:
    """PNG, JSON in both shapes and scales, base64 in all its forms and npy give the same row."""
    png = png_of(digit)
    text = base64.b64encode(png).decode()
    npy = BytesIO()
    np.save(npy, digit)
    documents: list[dict[str, Any]] = [
        {"pixels": digit.tolist()},
        {"pixels": digit.ravel().tolist()},
        {"pixels": (digit / 255).tolist()},
        {"image": text},
        {"image": base64.urlsafe_b64encode(png).decode().rstrip("=")},
        {"image": "\n".join(text[at : at + 76] for at in range(0, len(text), 76))},
        {"image": f"data:image/png;base64,{text}"},
    ]
    ways = [(png, "image/png"), (npy.getvalue(), "application/x-npy")]
    ways += [(orjson.dumps(each), "application/json; charset=utf-8") for each in documents]
    for body, content_type in ways:
        batch = read_body(body, content_type, limits)
        assert not batch.many
        assert batch.rows.shape == (1, 784)
        assert batch.rows.dtype == np.float32
        assert batch.rows.flags.c_contiguous
        assert np.allclose(batch.rows[0], digit.ravel() / np.float32(255), atol=1e-7)


def test_a_large_image_in_base64_is_read(limits: InputLimits) -> None:
    """A large base64 image is decoded, with line breaks and in the URL-safe alphabet; a late error is found."""
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1400), np.uint8)
    png = png_of(noise)
    text = base64.urlsafe_b64encode(png).decode().rstrip("=")
    assert len(text) > 2 * CHUNK
    lines = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    batch = read_body(orjson.dumps({"image": lines}), "application/json", limits)
    assert batch.rows.tobytes() == read_body(png, "image/png", limits).rows.tobytes()
    pointer, message = refusal({"image": text[:-9] + "*" + text[-8:]}, limits)
    assert pointer == "/image"
    assert "base64" in message


def test_dark_on_light_is_inverted_whichever_way_it_is_sent(digit: Bytes, limits: InputLimits) -> None:
    """A dark digit on light is inverted, as pixels exactly as in a PNG."""
    dark = 255 - digit
    for body, content_type in (
        (png_of(dark), "image/png"),
        (orjson.dumps({"pixels": dark.tolist()}), "application/json"),
    ):
        batch = read_body(body, content_type, limits)
        assert batch.reports[0].inverted
        assert np.allclose(batch.rows[0], digit.ravel() / 255, atol=1e-6)


def test_a_batch_may_mix_pixels_and_images(digit: Bytes, limits: InputLimits) -> None:
    """A batch of pixels and images keeps its order, and is answered with a list."""
    image = {"image": base64.b64encode(png_of(digit)).decode()}
    document = {"instances": [image, {"pixels": ZEROS}, {"pixels": digit.tolist()}]}
    batch = read_body(orjson.dumps(document), "application/json", limits)
    assert batch.many
    assert [report.warnings for report in batch.reports] == [(), ("blank",), ()]
    assert np.array_equal(batch.rows[0], batch.rows[2])
    assert not batch.rows[1].any()


def test_a_list_of_one_is_a_batch(limits: InputLimits) -> None:
    """A list of one instance is a batch."""
    assert read_body(b'{"instances": [{"pixels": %b}]}' % orjson.dumps(ZEROS), "application/json", limits).many


def test_zeros_and_ones_are_black_and_white(limits: InputLimits) -> None:
    """Integers that are all 0 or 1 range from 0 to 1, because JavaScript writes 1.0 as 1."""
    batch = read_body(orjson.dumps({"pixels": with_pixel(1)}), "application/json", limits)
    assert batch.rows.max() == 1


def test_base64_that_programs_damaged_is_repaired(digit: Bytes, limits: InputLimits) -> None:
    """Blanks for `+`, quotes, percent-encoding, white space and line breaks of every kind give the same image."""
    png = png_of(digit ^ np.arange(784, dtype=np.uint8).reshape(28, 28))
    text = base64.b64encode(png).decode()
    assert "+" in text
    lines = [text[at : at + 76] for at in range(0, len(text), 76)]
    for damaged in (
        text.replace("+", " "), text.rstrip("=").replace("+", " "), f"data:image/png;base64,{text}".replace("+", " "),
        f'"{text}"', f"'{text}'", str(base64.b64encode(png)), text.replace("+", "%2B").replace("/", "%2f"),
        f"data%3Aimage/png%3Bbase64%2C{text}", f"  {text}\n", f" data:image/png;base64,{text}", "\\n".join(lines),
        "\r\n".join(lines), "\n".join(lines).replace("+", " "), "\n    ".join(lines),
    ):  # fmt: skip
        batch = read_body(orjson.dumps({"image": damaged}), "application/json", limits)
        assert np.array_equal(batch.rows, read_body(png, "image/png", limits).rows), damaged


@pytest.mark.parametrize("size", range(100, 108))
def test_blanks_between_lines_of_base64_are_no_plus(size: int, limits: InputLimits) -> None:
    """A shell that joins lines by blanks leaves base64 without `+` readable."""
    data = bytes(size)
    text = base64.b64encode(data).decode()
    for width in (20, 64, 76):
        joined = " ".join(text[at : at + width] for at in range(0, len(text), width))
        assert decode_image(joined, "/image", limits)[0] == data


@pytest.mark.parametrize(
    "body",
    [
        b'{"instances": [' + b",".join([b"{}"] * 10_000) + b"]}",
        b'{"instances": [' + b",".join([b'{"pixels": 0}'] * 1025) + b"]}",
        b"[" * 3_000_000,
        b"[" + b"0," * 2_000_000 + b"0]",
        b"[" + b'"a":' * 100_000 + b"]",
    ],
    ids=["10,000 instances", "1,025 instances", "brackets", "commas", "colons"],
)
def test_more_than_the_limit_of_instances_is_too_large(limits: InputLimits, body: bytes) -> None:
    """More instances than the limit are refused; a large body is counted before it is parsed."""
    with pytest.raises(TooLarge):
        read_body(body, "application/json", limits)


def test_a_base64_text_of_50_megabytes_is_too_large(limits: InputLimits) -> None:
    """A base64 text of 50 MB is refused without decoding."""
    with pytest.raises(TooLarge, match="JSON"):
        read_body(b'{"image": "' + b"A" * 50_000_000 + b'"}', "application/json", limits)


def test_a_base64_image_over_the_limit_is_not_decoded() -> None:
    """A base64 image over the limit is refused without decoding, and the error names its place."""
    with pytest.raises(TooLarge, match="/image"):
        read_body(b'{"image": "' + b"A" * 300 + b'"}', "application/json", InputLimits(max_image_bytes=100))


def test_the_pixels_of_all_images_together_have_a_limit(digit: Bytes) -> None:
    """The pixels of all images of a request together have a limit."""
    image = {"image": base64.b64encode(png_of(np.zeros((100, 100), np.uint8))).decode()}
    with pytest.raises(TooLarge, match="together"):
        read_body(orjson.dumps({"instances": [image] * 4}), "application/json", InputLimits(max_request_pixels=39_999))


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "image/tiff",
        "image/svg+xml",
        "application/xml",
        "image",
        "x" * 999,
    ],
)
def test_other_content_types_are_refused_naming_the_supported_ones(
    limits: InputLimits, content_type: str | None
) -> None:
    """Other content types are refused, and the error lists the supported ones."""
    with pytest.raises(UnsupportedMedia, match="application/json"):
        read_body(b"no format", content_type, limits)


@pytest.mark.parametrize("content_type", ["image/gif", "image/heic", "text/plain", "application/json", "x"])
def test_an_image_is_read_by_its_bytes(digit: Bytes, limits: InputLimits, content_type: str) -> None:
    """Whatever it is declared as; the report warns."""
    batch = read_body(png_of(digit), content_type, limits)
    assert batch.rows.tobytes() == read_body(png_of(digit), "image/png", limits).rows.tobytes()
    assert batch.reports[0].warnings == ("mislabelled",)


def test_several_files_are_a_batch_and_one_is_not(digit: Bytes, limits: InputLimits) -> None:
    """Several files of a form are a batch, and one file is not."""
    file = File(data=png_of(digit), media_type="image/png", pointer="/file/0")
    assert not read_files([file], limits).many
    assert read_files([file, file], limits).rows.shape == (2, 784)


def test_a_wrong_file_is_named(digit: Bytes, limits: InputLimits) -> None:
    """The error for a damaged file of a form names the file."""
    files = [File(data=png_of(digit)), File(data=b"x", pointer="/file/1")]
    with pytest.raises(InvalidImage) as caught:
        read_files(files, limits)
    assert caught.value.errors[0].pointer == "/file/1"


def test_no_file_and_too_many_files_are_refused(digit: Bytes) -> None:
    """A form without files, and one with more files than the limit, are refused."""
    with pytest.raises(InvalidInput, match="no complete file"):
        read_files([], InputLimits())
    with pytest.raises(TooLarge):
        read_files([File(data=png_of(digit))] * 3, InputLimits(max_instances=2))


def test_only_small_bodies_are_quick(digit: Bytes) -> None:
    """Small JSON, arrays and PNGs are quick to read; bodies that may have a large image are not."""
    png = png_of(digit)
    assert is_quick(png, "image/png")
    assert is_quick(orjson.dumps({"pixels": ZEROS}), "application/json")
    assert not is_quick(png_of(np.zeros((3000, 3000), np.uint8)), "image/png")
    assert not is_quick(orjson.dumps({"image": "AAAA"}), "application/json")
    assert not is_quick(b'{"im\\u0061ge": "AAAA"}', "application/json")
    assert not is_quick(b"RIFF\0\0\0\0WEBP", "image/webp")
    assert not is_quick(b"[" * 100_000, "application/json")
