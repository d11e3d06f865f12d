"""Predictions over HTTP: every form of a picture gives the same answer."""

import base64
import io
from importlib import resources

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.servers import Json


@pytest.fixture(scope="module")
def digit() -> NDArray[np.uint8]:
    """The first test digit, a seven."""
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as mnist:
        picture: NDArray[np.uint8] = mnist["x_test"][0]
    return picture


def encoded(digit: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    """The digit as a picture."""
    stream = io.BytesIO()
    Image.fromarray(digit).save(stream, kind, **({"quality": 100} if kind == "JPEG" else {}))
    return stream.getvalue()


@pytest.fixture
def expected(client: httpx.Client, trained: Json, digit: NDArray[np.uint8]) -> Json:
    """The answer to the plainest form: 28×28 numbers."""
    answer: Json = client.post("/v1/predict", json={"pixels": digit.tolist()}).json()
    return answer


def test_the_answer(client: httpx.Client, expected: Json) -> None:
    """Has all that the contract says, and probabilities that are some."""
    assert expected.keys() == {
        "digit", "confidence", "probabilities", "top_k", "model", "version", "checkpoint_id", "input"
    }  # fmt: skip
    assert sum(expected["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert expected["confidence"] == max(expected["probabilities"])
    assert expected["probabilities"][expected["digit"]] == expected["confidence"]
    assert (expected["model"], expected["input"]["width"]) == ("digits", 28)


def test_a_raw_picture(client: httpx.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """A PNG of 28×28 gives the same numbers, byte for byte."""
    answer = client.post("/v1/predict", content=encoded(digit), headers={"content-type": "image/png"}).json()
    assert answer["probabilities"] == expected["probabilities"]


def test_a_jpeg(client: httpx.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """The same digit, as JPEG changes the pixels a little."""
    body = encoded(digit, "JPEG")
    assert (
        client.post("/v1/predict", content=body, headers={"content-type": "image/jpeg"}).json()["digit"]
        == expected["digit"]
    )


def test_a_form(client: httpx.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """One file gives one answer, several a list."""
    one = ("file", ("7.png", encoded(digit), "image/png"))
    assert client.post("/v1/predict", files=[one]).json()["probabilities"] == expected["probabilities"]
    both = client.post("/v1/predict", files=[one, one]).json()["predictions"]
    assert [each["digit"] for each in both] == [expected["digit"]] * 2


@pytest.mark.parametrize("flat", [True, False])
def test_numbers_from_0_to_1(client: httpx.Client, digit: NDArray[np.uint8], expected: Json, *, flat: bool) -> None:
    """As 784 or as 28×28."""
    pixels = (digit / 255).reshape(-1 if flat else (28, 28)).tolist()
    answer = client.post("/v1/predict", json={"pixels": pixels}).json()
    assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64(client: httpx.Client, digit: NDArray[np.uint8], expected: Json, prefix: str) -> None:
    """Alone, or as a data URL."""
    image = prefix + base64.b64encode(encoded(digit)).decode()
    assert client.post("/v1/predict", json={"image": image}).json()["probabilities"] == expected["probabilities"]


def test_a_batch(client: httpx.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """Of a hundred, each as alone."""
    answer = client.post("/v1/predict", json={"instances": [{"pixels": digit.tolist()}] * 100}).json()
    assert len(answer["predictions"]) == 100
    assert answer["predictions"][99]["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-5)


def test_a_blank_picture_is_no_digit(client: httpx.Client, trained: Json) -> None:
    """It is answered with a warning."""
    answer = client.post("/v1/predict", json={"pixels": [0] * 784}).json()
    assert answer["digit"] is None
    assert answer["input"]["warnings"]


def test_what_the_network_saw(client: httpx.Client, digit: NDArray[np.uint8], trained: Json) -> None:
    """``trace`` gives the very pixels, ``explain`` a map of the same size."""
    answer = client.post("/v1/predict?trace=true&explain=saliency", json={"pixels": digit.tolist()}).json()
    seen = Image.open(io.BytesIO(base64.b64decode(answer["trace"].partition(",")[2])))
    assert np.array_equal(np.asarray(seen), digit)
    assert np.shape(answer["saliency"]) == (28, 28)


@pytest.mark.parametrize("which", ["version", "checkpoint"])
def test_the_network_can_be_chosen(client: httpx.Client, trained: Json, digit: NDArray[np.uint8], which: str) -> None:
    """By version or by checkpoint."""
    chosen = {"version": trained["result"]["model_version"], "checkpoint": trained["result"]["checkpoint_id"]}
    answer = client.post(f"/v1/predict?{which}={chosen[which]}", json={"pixels": digit.tolist()}).json()
    versions = {each["version"]: each["checkpoint_id"] for each in client.get("/v1/models/digits").json()["versions"]}
    assert answer["checkpoint_id"] == (versions[chosen["version"]] if which == "version" else chosen["checkpoint"])
