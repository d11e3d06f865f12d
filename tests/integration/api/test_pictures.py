"""Images over HTTP, in every format: the right prediction, or a problem document that says what is wrong and where."""

import base64
import io
from importlib import resources
from typing import Any

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.integration.api.refusals import problem
from tests.servers import Json

pytestmark = pytest.mark.usefixtures("nothing_changes")

#: Each format, and its media type.
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "BMP": "image/bmp", "GIF": "image/gif"}
DATA_URLS = [
    "data:{},", "data:{};base64", "data:image/png;base64;foo,", "data:image/png;name=a b;base64,",
    "{};base64,", "data:", "data:image/png;base64,*",
]  # fmt: skip

Digit = NDArray[np.uint8]


@pytest.fixture(scope="module")
def digit() -> Digit:
    """Return the first test digit, a seven."""
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as mnist:
        image: Digit = mnist["x_test"][0]
    return image


@pytest.fixture
def expected(client: httpx2.Client, trained: Json, digit: Digit) -> list[float]:
    """Return the probabilities for the simplest form of the digit: 28×28 numbers."""
    answer: Json = client.post("/v1/predict", json={"pixels": digit.tolist()}).json()
    return list(answer["probabilities"])


def saved(digit: Digit, form: str = "PNG") -> bytes:
    """Return the digit as an image, lossless if its format can be."""
    stream = io.BytesIO()
    options: dict[str, dict[str, Any]] = {"JPEG": {"quality": 100}, "WEBP": {"lossless": True}}
    Image.fromarray(digit).save(stream, form, **options.get(form, {}))
    return stream.getvalue()


def npy(array: NDArray[Any], **options: bool) -> bytes:
    """Return the array as an npy file."""
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def post(client: httpx2.Client, body: bytes, media_type: str) -> httpx2.Response:
    """Post a raw body to `/v1/predict`."""
    return client.post("/v1/predict", content=body, headers={"content-type": media_type})


def url_of(media_type: str, data: bytes) -> str:
    """Return a data URL."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def has_probabilities(answer: httpx2.Response, expected: list[float], form: str = "PNG") -> bool:
    """Return whether the response has the expected probabilities, as far as the format keeps the pixels."""
    assert answer.status_code == 200, answer.text
    tolerance = 0.05 if form == "JPEG" else 1e-6
    return bool(answer.json()["probabilities"] == pytest.approx(expected, abs=tolerance))


@pytest.mark.parametrize("form", FORMATS)
def test_an_image_of_each_format(client: httpx2.Client, digit: Digit, expected: list[float], form: str) -> None:
    """It is accepted with its media type, in any case and with parameters, and as ``image/*``."""
    for media_type in (FORMATS[form], f"{FORMATS[form].upper()}; name=a.png", "image/*"):
        assert has_probabilities(post(client, saved(digit, form), media_type), expected, form)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_image(client: httpx2.Client, digit: Digit, form: str, share: float) -> None:
    """An image that is cut off anywhere is reported as damaged; the error names its format."""
    body = saved(np.tile(digit, (4, 4)) ^ np.random.default_rng(0).integers(0, 99, (112, 112), np.uint8), form)
    found = problem(post(client, body[: int(len(body) * share)], FORMATS[form]), 422)
    assert found["code"] == "invalid_image"
    assert form.lower() in found["detail"].lower()
    assert "damaged" in found["detail"]


@pytest.mark.parametrize("form", FORMATS)
def test_an_image_with_a_wrong_media_type(
    client: httpx2.Client, digit: Digit, expected: list[float], form: str
) -> None:
    """The bytes decide, with a warning: in a raw body, a data URL and a form. JSON and text are other types too."""
    body = saved(digit, form)
    for media_type in {*FORMATS.values(), "image/heic", "text/plain", "application/json"} - {FORMATS[form]}:
        file = ("file", ("digit", body, media_type))
        for answer in (
            post(client, body, media_type),
            client.post("/v1/predict", json={"image": url_of(media_type, body)}),
            client.post("/v1/predict", files=[file]),
        ):
            assert has_probabilities(answer, expected, form)
            assert answer.json()["input"]["warnings"] == ["mislabelled"]


@pytest.mark.parametrize(
    "kind", ["columns first", "big-endian", "big-endian, columns first", "half", "double", "a batch"]
)
def test_an_array(client: httpx2.Client, digit: Digit, expected: list[float], kind: str) -> None:
    """Any order of axes and bytes and any precision gives the same prediction."""
    unit = digit / 255
    array = {
        "columns first": np.asfortranarray(digit),
        "big-endian": unit.astype(">f4"),
        "big-endian, columns first": np.asfortranarray(unit.astype(">f8")),
        "half": unit.astype("<f2"),
        "double": unit,
        "a batch": np.asfortranarray(np.stack([digit] * 3)),
    }[kind]
    answer = post(client, npy(array), "application/x-npy").json()
    for each in answer["predictions"] if kind == "a batch" else [answer]:
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
def test_an_array_with_a_wrong_header(client: httpx2.Client, header: str, status: int) -> None:
    """The header is checked against the data and against the limits."""
    text = header.encode() + b"\n"
    body = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(784)
    found = problem(post(client, body, "application/x-npy"), status)
    assert found["code"] == ("too_large" if status == 413 else "invalid_input")


def test_an_array_of_objects(client: httpx2.Client) -> None:
    """It is not unpickled, since unpickling can run any code."""
    body = npy(np.array([print] * 784), allow_pickle=True)
    assert "objects" in problem(post(client, body, "application/x-npy"), 422)["detail"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_data_url_of_each_type(client: httpx2.Client, digit: Digit, expected: list[float], form: str) -> None:
    """Its media type may be in upper case, have parameters or be generic."""
    body = saved(digit, form)
    for media_type in (FORMATS[form], FORMATS[form].upper(), f"{FORMATS[form]};a=b", "application/octet-stream", ""):
        answer = client.post("/v1/predict", json={"image": url_of(media_type, body)})
        assert has_probabilities(answer, expected, form)


#: The first bytes of formats that are not read, their names, and the codes by which the page translates them.
FOREIGN = {
    "HEIC, as iPhones save photos": (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "image_is_heic"),
    "AVIF": (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "image_is_avif"),
    "SVG": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>', "image_is_svg"),
    "TIFF": (b"II*\0\x08\0\0\0", "image_is_tiff"),
    "PDF": (b"%PDF-1.7\n", "image_is_pdf"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_an_image_in_a_format_that_is_not_read(client: httpx2.Client, name: str) -> None:
    """The error names the format by the bytes, whatever they are declared as, and has a code of its own."""
    data, code = FOREIGN[name]
    for answer, pointer in (
        (post(client, data, "image/png"), ""),
        (post(client, data, "application/octet-stream"), ""),
        (client.post("/v1/predict", json={"image": base64.b64encode(data).decode()}), "/image"),
        (client.post("/v1/predict", files=[("file", ("a.png", data, "image/png"))]), "/file/0"),
    ):
        found = problem(answer, 422, pointer)
        assert found["code"] == "invalid_image"
        assert f"this is {name}" in found["detail"]
        assert found["errors"][0]["code"] == code


def test_other_fields_of_a_form(client: httpx2.Client, digit: Digit, expected: list[float]) -> None:
    """Text fields beside a file are passed over, with a warning; without any file, the error names the field."""
    file = ("file", ("a.png", saved(digit), "image/png"))
    answer = client.post("/v1/predict", files=[file], data={"csrf": "x", "submit": "Go"})
    assert has_probabilities(answer, expected)
    assert answer.json()["input"]["warnings"] == ["extra_fields"]
    problem(client.post("/v1/predict", files=[("text", (None, "x"))]), 422, "/text")


@pytest.mark.parametrize("url", DATA_URLS)
def test_a_malformed_data_url(client: httpx2.Client, digit: Digit, url: str) -> None:
    """A data URL without base64, cut short or with wrong characters is a problem document."""
    image = url.format("image/png") + base64.b64encode(saved(digit)).decode()
    assert problem(client.post("/v1/predict", json={"image": image}), 422, "/image")["code"] == "invalid_input"


def test_more_files_than_the_limit(client: httpx2.Client) -> None:
    """1,025 files of one byte, or 1,025 fields, are a ``413``."""
    for part in (("a.png", b"x", "image/png"), (None, "x")):
        found = problem(client.post("/v1/predict", files=[("file", part)] * 1025), 413)
        assert found["code"] == "too_large"
        assert "Too many" in found["detail"]


@pytest.mark.parametrize("body", [b"", b"--x--\r\n", b"--x\r\n"])
def test_an_empty_form(client: httpx2.Client, body: bytes) -> None:
    """A form without a part is a ``422``."""
    problem(post(client, body, "multipart/form-data; boundary=x"), 422, "/file")


@pytest.mark.parametrize("body", [b"abc", b"--x\r\n\r\nabc\r\n--x--\r\n"])
def test_a_malformed_form(client: httpx2.Client, body: bytes) -> None:
    """A body without boundaries, or a part without a name, is a ``400``."""
    answer = post(client, body, "multipart/form-data; boundary=x")
    assert problem(answer, 400)["code"] == "malformed_body"


def test_a_form_that_ends_within_its_file(client: httpx2.Client, digit: Digit) -> None:
    """It is refused, though the image in it is complete."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    answer = post(client, head + saved(digit), "multipart/form-data; boundary=x")
    assert "no complete file" in problem(answer, 422, "/file")["detail"]


@pytest.mark.parametrize(
    ("data", "media_type"), [(b"", "image/png"), (b"{}", "application/json"), (b"\x89PNG", "text/plain")]
)
def test_a_file_that_is_not_an_image(client: httpx2.Client, digit: Digit, data: bytes, media_type: str) -> None:
    """The error names the second of two files."""
    files = [("file", ("a.png", saved(digit), "image/png")), ("other", ("b", data, media_type))]
    problem(client.post("/v1/predict", files=files), 422, "/other/1")


def test_a_choice_of_preparation(client: httpx2.Client, trained: Json, digit: Digit) -> None:
    """`prepare` and `trace` reach the preparation on each route, and notes are in the client's language."""
    body = saved(np.roll(digit, 5, 1))
    for path in ("/v1/predict", "/v1/predict/file", f"/v1/jobs/{trained['id']}/predict"):
        for choice, method in (("auto", "centred"), ("always", "found"), ("never", "none")):
            answer = client.post(
                path,
                params={"prepare": choice, "trace": True},
                files={"file": body},
                headers={"accept-language": "es"},
            ).json()
            assert (answer["input"]["prepare"], answer["input"]["method"]) == (choice, method)
            assert answer["steps"][-1]["png"] == answer["trace"]
    assert (
        problem(client.post("/v1/predict?prepare=perhaps", content=body), 422)["errors"][0]["pointer"]
        == "query/prepare"
    )
    blank = client.post("/v1/predict", content=saved(0 * digit), headers={"accept-language": "es"}).json()
    assert blank["input"]["notes"][0]["message"].startswith("No se ha encontrado tinta")
