"""Pictures over HTTP, in every form: the right answer, or a problem that says what is wrong, and where."""

import base64
import io
from importlib import resources
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.integration.api.refusals import problem
from tests.servers import Json

pytestmark = pytest.mark.usefixtures("nothing_changes")

#: A format, and the media type that means it.
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "BMP": "image/bmp", "GIF": "image/gif"}
DATA_URLS = [
    "data:{},", "data:{};base64", "data:image/png;base64;foo,", "data:image/png;name=a b;base64,",
    "{};base64,", "data:", "data:image/png;base64,*",
]  # fmt: skip

Digit = NDArray[np.uint8]


@pytest.fixture(scope="module")
def digit() -> Digit:
    """The first test digit, a seven."""
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as mnist:
        picture: Digit = mnist["x_test"][0]
    return picture


@pytest.fixture
def expected(client: httpx.Client, trained: Json, digit: Digit) -> list[float]:
    """The probabilities that the plainest form is answered with: 28×28 numbers."""
    told: Json = client.post("/v1/predict", json={"pixels": digit.tolist()}).json()
    return list(told["probabilities"])


def saved(digit: Digit, form: str = "PNG") -> bytes:
    """The digit as a picture that loses nothing, if its format can."""
    stream = io.BytesIO()
    options: dict[str, dict[str, Any]] = {"JPEG": {"quality": 100}, "WEBP": {"lossless": True}}
    Image.fromarray(digit).save(stream, form, **options.get(form, {}))
    return stream.getvalue()


def npy(array: NDArray[Any], **options: bool) -> bytes:
    """The array as NumPy's file."""
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def asked(client: httpx.Client, body: bytes, media_type: str) -> httpx.Response:
    """The answer to a raw body."""
    return client.post("/v1/predict", content=body, headers={"content-type": media_type})


def url_of(media_type: str, data: bytes) -> str:
    """A data URL."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def agree(answer: httpx.Response, expected: list[float], form: str = "PNG") -> bool:
    """Whether the probabilities are those of the plainest form, as far as the format keeps its pixels."""
    assert answer.status_code == 200, answer.text
    tolerance = 0.05 if form == "JPEG" else 1e-6
    return bool(answer.json()["probabilities"] == pytest.approx(expected, abs=tolerance))


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_of_each_format(client: httpx.Client, digit: Digit, expected: list[float], form: str) -> None:
    """As a raw body, and under a type that claims nothing of its format."""
    for media_type in (FORMATS[form], f"{FORMATS[form].upper()}; name=a.png", "image/*"):
        assert agree(asked(client, saved(digit, form), media_type), expected, form)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_picture(client: httpx.Client, digit: Digit, form: str, share: float) -> None:
    """Whatever is left of it, it is said to be damaged, and which format it was."""
    body = saved(np.tile(digit, (4, 4)) ^ np.random.default_rng(0).integers(0, 99, (112, 112), np.uint8), form)
    told = problem(asked(client, body[: int(len(body) * share)], FORMATS[form]), 422)
    assert told["code"] == "invalid_image"
    assert form.lower() in told["detail"].lower()
    assert "damaged" in told["detail"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_misnamed_picture(client: httpx.Client, digit: Digit, form: str) -> None:
    """Under each other format's type it is refused, naming both, as a body, in a data URL and in a form."""
    body = saved(digit, form)
    for media_type in set(FORMATS.values()) - {FORMATS[form]}:
        file = ("file", ("digit", body, media_type))
        for answer, pointer in (
            (asked(client, body, media_type), ""),
            (client.post("/v1/predict", json={"image": url_of(media_type, body)}), "/image"),
            (client.post("/v1/predict", files=[file]), "/file/0"),
        ):
            told = problem(answer, 422, pointer)
            assert told["code"] == "invalid_image"
            assert media_type in told["detail"]
            assert form.lower() in told["detail"].lower()


@pytest.mark.parametrize(
    "kind", ["columns first", "big-endian", "big-endian, columns first", "half", "double", "a batch"]
)
def test_an_array(client: httpx.Client, digit: Digit, expected: list[float], kind: str) -> None:
    """In either order of axes and of bytes, and in any precision."""
    unit = digit / 255
    array = {
        "columns first": np.asfortranarray(digit),
        "big-endian": unit.astype(">f4"),
        "big-endian, columns first": np.asfortranarray(unit.astype(">f8")),
        "half": unit.astype("<f2"),
        "double": unit,
        "a batch": np.asfortranarray(np.stack([digit] * 3)),
    }[kind]
    told = asked(client, npy(array), "application/x-npy").json()
    for each in told["predictions"] if kind == "a batch" else [told]:
        assert each["probabilities"] == pytest.approx(expected, abs=1e-3 if kind == "half" else 2e-5)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (999999999, 784), }", 413),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (1000, 784), }", 422),
        ("{'descr': '<f8', 'fortran_order': True, 'shape': (28, 28), }", 422),
        ("{'descr': '>i8', 'fortran_order': False, 'shape': (28, 28), }", 422),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (784,), }", 422),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 784), }", 422),
    ],
)
def test_an_array_that_lies(client: httpx.Client, header: str, status: int) -> None:
    """What its header promises is held against what is there, and against the limits."""
    text = header.encode() + b"\n"
    body = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(784)
    told = problem(asked(client, body, "application/x-npy"), status)
    assert told["code"] == ("too_large" if status == 413 else "invalid_input")


def test_an_array_of_objects(client: httpx.Client) -> None:
    """It is not unpickled, which would run whatever it says."""
    body = npy(np.array([print] * 784), allow_pickle=True)
    assert "unpickled" in problem(asked(client, body, "application/x-npy"), 422)["detail"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_data_url_of_each_type(client: httpx.Client, digit: Digit, expected: list[float], form: str) -> None:
    """In either case, with parameters, and of a type that claims nothing."""
    body = saved(digit, form)
    for media_type in (FORMATS[form], FORMATS[form].upper(), f"{FORMATS[form]};a=b", "application/octet-stream", ""):
        answer = client.post("/v1/predict", json={"image": url_of(media_type, body)})
        assert agree(answer, expected, form)


@pytest.mark.parametrize("media_type", ["text/plain", "image/svg+xml", "image/tiff", "application/pdf", "image/heic"])
def test_a_data_url_of_another_type(client: httpx.Client, digit: Digit, media_type: str) -> None:
    """The type is named, whatever the bytes are."""
    answer = client.post("/v1/predict", json={"image": url_of(media_type, saved(digit))})
    assert media_type in problem(answer, 422, "/image")["detail"]


@pytest.mark.parametrize("url", DATA_URLS)
def test_no_data_url(client: httpx.Client, digit: Digit, url: str) -> None:
    """Without base64, cut short, or with what is none."""
    image = url.format("image/png") + base64.b64encode(saved(digit)).decode()
    assert problem(client.post("/v1/predict", json={"image": image}), 422, "/image")["code"] == "invalid_input"


def test_more_files_than_the_limit(client: httpx.Client) -> None:
    """1,025 of one byte each, and a thousand fields more than any form here needs."""
    for part in (("a.png", b"x", "image/png"), (None, "x")):
        told = problem(client.post("/v1/predict", files=[("file", part)] * 1025), 413)
        assert told["code"] == "too_large"
        assert "Too many" in told["detail"]


@pytest.mark.parametrize("body", [b"", b"--x--\r\n", b"--x\r\n"])
def test_an_empty_form(client: httpx.Client, body: bytes) -> None:
    """No part at all, or none that has begun."""
    problem(asked(client, body, "multipart/form-data; boundary=x"), 422, "/file")


@pytest.mark.parametrize("body", [b"abc", b"--x\r\n\r\nabc\r\n--x--\r\n"])
def test_no_form(client: httpx.Client, body: bytes) -> None:
    """Bytes without boundaries, and a part without a name."""
    answer = asked(client, body, "multipart/form-data; boundary=x")
    assert problem(answer, 400)["code"] == "malformed_body"


def test_a_form_that_ends_within_its_file(client: httpx.Client, digit: Digit) -> None:
    """It is not read as if it were whole, though the picture in it is."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    answer = asked(client, head + saved(digit), "multipart/form-data; boundary=x")
    assert "ends within" in problem(answer, 422, "/file")["detail"]


@pytest.mark.parametrize(
    ("data", "media_type"), [(b"", "image/png"), (b"{}", "application/json"), (b"\x89PNG", "text/plain")]
)
def test_a_file_that_is_no_picture(client: httpx.Client, digit: Digit, data: bytes, media_type: str) -> None:
    """The second of two is named."""
    files = [("file", ("a.png", saved(digit), "image/png")), ("other", ("b", data, media_type))]
    problem(client.post("/v1/predict", files=files), 422, "/other/1")
