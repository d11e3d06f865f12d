"""Predictions over HTTP: every form of an image gives the same prediction."""

import asyncio
import base64
import io
from importlib import resources

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.servers import Json

#: The fields of an answer that can differ by rounding.
NUMBERS = ("confidence", "probabilities", "top_k")


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    """Return the first test digits."""
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as mnist:
        images: NDArray[np.uint8] = mnist["x_test"][:16]
    return images


@pytest.fixture(scope="module")
def digit(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the first of them, a seven."""
    return digits[0]


def encoded(digit: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    """Return the digit as an image."""
    stream = io.BytesIO()
    Image.fromarray(digit).save(stream, kind, **({"quality": 100} if kind == "JPEG" else {}))
    return stream.getvalue()


@pytest.fixture
def expected(client: httpx2.Client, trained: Json, digit: NDArray[np.uint8]) -> Json:
    """Return the prediction for the simplest form of the digit: 28×28 numbers."""
    answer: Json = client.post("/v1/predict", json={"pixels": digit.tolist()}).json()
    return answer


def test_a_prediction_has_the_fields_of_the_contract(client: httpx2.Client, expected: Json) -> None:
    """All fields are present, and the probabilities sum to 1."""
    assert expected.keys() == {
        "digit", "confidence", "probabilities", "top_k", "model", "version", "checkpoint_id", "input"
    }  # fmt: skip
    assert sum(expected["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert expected["confidence"] == max(expected["probabilities"])
    assert expected["probabilities"][expected["digit"]] == expected["confidence"]
    assert (expected["model"], expected["input"]["width"]) == ("digits", 28)


def test_a_raw_image(client: httpx2.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """A PNG of 28×28 gives the same probabilities to the last bit."""
    answer = client.post("/v1/predict", content=encoded(digit), headers={"content-type": "image/png"}).json()
    assert answer["probabilities"] == expected["probabilities"]


def test_a_jpeg(client: httpx2.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """It gives the same digit; JPEG changes the pixels a little."""
    body = encoded(digit, "JPEG")
    assert (
        client.post("/v1/predict", content=body, headers={"content-type": "image/jpeg"}).json()["digit"]
        == expected["digit"]
    )


def test_a_form(client: httpx2.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """One file gives one prediction, several files a list."""
    one = ("file", ("7.png", encoded(digit), "image/png"))
    assert client.post("/v1/predict", files=[one]).json()["probabilities"] == expected["probabilities"]
    assert client.post("/v1/predict/file", files=[one]).json() == client.post("/v1/predict", files=[one]).json()
    both = client.post("/v1/predict", files=[one, one]).json()["predictions"]
    assert [each["digit"] for each in both] == [expected["digit"]] * 2


@pytest.mark.parametrize("flat", [True, False])
def test_floats_from_0_to_1(client: httpx2.Client, digit: NDArray[np.uint8], expected: Json, *, flat: bool) -> None:
    """784 floats or 28×28 floats give the same prediction as bytes."""
    pixels = (digit / 255).reshape(-1 if flat else (28, 28)).tolist()
    answer = client.post("/v1/predict", json={"pixels": pixels}).json()
    assert answer["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64(client: httpx2.Client, digit: NDArray[np.uint8], expected: Json, prefix: str) -> None:
    """Plain base64 and a data URL give the same prediction."""
    image = prefix + base64.b64encode(encoded(digit)).decode()
    assert client.post("/v1/predict", json={"image": image}).json()["probabilities"] == expected["probabilities"]


def test_a_batch(client: httpx2.Client, digit: NDArray[np.uint8], expected: Json) -> None:
    """Each of a hundred instances gets the same prediction as alone."""
    answer = client.post("/v1/predict", json={"instances": [{"pixels": digit.tolist()}] * 100}).json()
    assert len(answer["predictions"]) == 100
    assert answer["predictions"][99]["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-5)


def test_a_blank_image_has_no_digit(client: httpx2.Client, trained: Json) -> None:
    """The prediction has a null digit and a warning."""
    answer = client.post("/v1/predict", json={"pixels": [0] * 784}).json()
    assert answer["digit"] is None
    assert answer["input"]["warnings"]


def test_trace_and_saliency(client: httpx2.Client, digit: NDArray[np.uint8], trained: Json) -> None:
    """``trace`` returns the network's input, ``explain`` a saliency map of the same size."""
    answer = client.post("/v1/predict?trace=true&explain=saliency", json={"pixels": digit.tolist()}).json()
    seen = Image.open(io.BytesIO(base64.b64decode(answer["trace"].partition(",")[2])))
    assert np.array_equal(np.asarray(seen), digit)
    assert np.shape(answer["saliency"]) == (28, 28)


@pytest.mark.parametrize("which", ["version", "checkpoint"])
def test_a_version_or_checkpoint_can_be_chosen(
    client: httpx2.Client, trained: Json, digit: NDArray[np.uint8], which: str
) -> None:
    """``version`` and ``checkpoint`` select the network."""
    chosen = {"version": trained["result"]["model_version"], "checkpoint": trained["result"]["checkpoint_id"]}
    answer = client.post(f"/v1/predict?{which}={chosen[which]}", json={"pixels": digit.tolist()}).json()
    versions = {each["version"]: each["checkpoint_id"] for each in client.get("/v1/models/digits").json()["versions"]}
    assert answer["checkpoint_id"] == (versions[chosen["version"]] if which == "version" else chosen["checkpoint"])


def test_each_of_many_requests_at_once_has_the_answer_to_its_own_image(
    client: httpx2.Client, trained: Json, digits: NDArray[np.uint8]
) -> None:
    """Images that pass through the network together keep their order."""
    bodies = [{"pixels": each.tolist()} for each in digits]
    alone = [client.post("/v1/predict", json=body).json() for body in bodies]

    async def together() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(base_url=client.base_url, timeout=60) as many:
            return await asyncio.gather(*(many.post("/v1/predict", json=body) for body in bodies * 4))

    for one, answer in zip(alone * 4, asyncio.run(together()), strict=True):
        found = answer.json()
        assert found["probabilities"] == pytest.approx(one["probabilities"], abs=1e-6)
        assert {**found, **dict.fromkeys(NUMBERS)} == {**one, **dict.fromkeys(NUMBERS)}
