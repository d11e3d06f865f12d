"""Answers say which digit, how sure, and never more than the network knows."""

import base64
from io import BytesIO

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from PIL import Image

from naivenet import NaiveSequential
from service.inference.answers.prediction_json import prediction_json, trace_png
from service.inference.answers.predictor import Predictor, predictions
from service.inference.pictures.report import WARNINGS, PreparationReport
from service.inference.requests.batch import prepare_rows

Bytes = NDArray[np.uint8]


def rows_of(images: Bytes) -> NDArray[np.float32]:
    """Images as the network takes them."""
    return images.reshape(-1, 784) / np.float32(255)


def test_the_digit_is_the_networks_argmax(mnist: dict[str, Bytes], model: NaiveSequential) -> None:
    """For a batch, in order."""
    rows = rows_of(mnist["x_test"][:200])
    found = Predictor(model=model).predict(prepare_rows(rows, many=True))
    assert [each.digit for each in found] == model(rows).argmax(axis=1).tolist()


def test_confidence_is_the_networks_softmax(digit: Bytes, model: NaiveSequential) -> None:
    """Its own number, and the first of the likeliest."""
    (found,) = Predictor(model=model, top_k=4).predict(prepare_rows(rows_of(digit), many=False))
    assert found.confidence == max(found.probabilities)
    assert found.probabilities == tuple(model(rows_of(digit))[0].tolist())
    assert found.top_k[0] == (found.digit, found.confidence)
    assert len(found.top_k) == 4
    assert [share for _, share in found.top_k] == sorted((share for _, share in found.top_k), reverse=True)


def test_one_of_a_batch_is_answered_as_it_is_alone(mnist: dict[str, Bytes], model: NaiveSequential) -> None:
    """What else is in a request changes nothing."""
    rows = rows_of(mnist["x_test"][:20])
    together = Predictor(model=model).predict(prepare_rows(rows, many=True))
    alone = [Predictor(model=model).predict(prepare_rows(row[np.newaxis], many=False))[0] for row in rows]
    assert [each.digit for each in together] == [each.digit for each in alone]
    assert np.allclose([each.confidence for each in together], [each.confidence for each in alone], atol=1e-6)


def test_a_blank_picture_claims_no_digit(model: NaiveSequential) -> None:
    """A warning, no digit, no confidence; the probabilities are there for who wants them."""
    batch = prepare_rows(np.zeros((1, 784), np.float32), many=False)
    (found,) = Predictor(model=model).predict(batch)
    assert batch.reports[0].warnings == ("blank",)
    assert (found.digit, found.confidence, found.top_k) == (None, 0.0, ())
    assert sum(found.probabilities) == pytest.approx(1, abs=1e-5)


def test_outputs_that_are_no_distribution_go_through_a_softmax() -> None:
    """A network may end in any activation: the digit is that of the largest output."""
    outputs = np.array([[-3, 9, 2, 0, 0, 0, 0, 0, 0, 0], [0.9, 0.8, 0.7, 0, 0, 0, 0, 0, 0, 0]], np.float32)
    found = predictions(outputs)
    assert [each.digit for each in found] == [1, 0]
    assert all(sum(each.probabilities) == pytest.approx(1, abs=1e-5) for each in found)


def test_the_first_of_equal_outputs_wins() -> None:
    """As argmax has it."""
    assert predictions(np.full((1, 10), 0.1, np.float32))[0].digit == 0


@pytest.mark.parametrize(("number", "name"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_outputs_that_are_not_finite_are_null_and_named(number: float, name: str) -> None:
    """A network whose training diverged answers, and says what it is; its neighbours are not touched."""
    outputs = np.full((2, 10), 0.1, np.float32)
    outputs[0, 3] = number
    broken, whole = predictions(outputs)
    told = orjson.loads(orjson.dumps(prediction_json(broken, PreparationReport(width=28, height=28))))
    assert (told["digit"], told["confidence"], told["nonfinite"]) == (None, None, name)
    assert told["probabilities"] == [None] * 10
    assert whole.digit == 0
    assert "nonfinite" not in prediction_json(whole, PreparationReport(width=28, height=28))


def test_an_answer_is_json_with_the_fields_of_the_contract(digit: Bytes, model: NaiveSequential) -> None:
    """What API.md promises, less what the API itself knows."""
    batch = prepare_rows(rows_of(digit), many=False)
    (found,) = Predictor(model=model).predict(batch)
    told = orjson.loads(orjson.dumps(prediction_json(found, batch.reports[0])))
    assert list(told) == ["digit", "confidence", "probabilities", "top_k", "input"]
    assert told["digit"] == 7
    assert told["top_k"][0] == {"digit": 7, "probability": told["confidence"]}
    assert told["input"] == {
        "width": 28, "height": 28, "inverted": False, "crop": None, "shift": None, "warnings": [],
    }  # fmt: skip
    assert set(told["input"]["warnings"]) <= set(WARNINGS)


def test_the_trace_is_a_png_of_the_very_bytes(digit: Bytes) -> None:
    """What the network saw, to look at."""
    url = trace_png(rows_of(digit)[0])
    assert url.startswith("data:image/png;base64,")
    picture = Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
    assert np.array_equal(np.asarray(picture), digit)
