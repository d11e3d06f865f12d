"""Predictions have the digit, its confidence, and no more certainty than the network's outputs."""

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
from service.inference.pictures.report import WARNINGS, PreparationReport, PreparedImage
from service.inference.requests.batch import Batch

Bytes = NDArray[np.uint8]


def rows_of(images: Bytes) -> NDArray[np.float32]:
    """Images as rows of the network."""
    return images.reshape(-1, 784) / np.float32(255)


def test_the_digit_is_the_networks_argmax(mnist: dict[str, Bytes], model: NaiveSequential) -> None:
    """The predicted digits of a batch are the argmax of the outputs, in order."""
    rows = rows_of(mnist["x_test"][:200])
    found = Predictor(model=model).predict(Batch(rows, many=True))
    assert [each.digit for each in found] == model(rows).argmax(axis=1).tolist()


def test_confidence_is_the_networks_softmax(digit: Bytes, model: NaiveSequential) -> None:
    """The confidence is the network's softmax, and the probability of the first of the top k."""
    (found,) = Predictor(model=model, top_k=4).predict(Batch(rows_of(digit), many=False))
    assert found.confidence == max(found.probabilities)
    assert found.probabilities == tuple(model(rows_of(digit))[0].tolist())
    assert found.top_k[0] == (found.digit, found.confidence)
    assert len(found.top_k) == 4
    assert [share for _, share in found.top_k] == sorted((share for _, share in found.top_k), reverse=True)


def test_a_digit_is_predicted_in_a_batch_as_alone(mnist: dict[str, Bytes], model: NaiveSequential) -> None:
    """A digit gets the same prediction in a batch as alone."""
    rows = rows_of(mnist["x_test"][:20])
    together = Predictor(model=model).predict(Batch(rows, many=True))
    alone = [Predictor(model=model).predict(Batch(row[np.newaxis], many=False))[0] for row in rows]
    assert [each.digit for each in together] == [each.digit for each in alone]
    assert np.allclose([each.confidence for each in together], [each.confidence for each in alone], atol=1e-6)


def test_a_blank_image_has_no_digit(model: NaiveSequential) -> None:
    """A blank image has a warning, no digit and confidence 0, but all probabilities."""
    batch = Batch(np.zeros((1, 784), np.float32), many=False)
    (found,) = Predictor(model=model).predict(batch)
    assert batch.reports[0].warnings == ("blank",)
    assert (found.digit, found.confidence, found.top_k) == (None, 0.0, ())
    assert sum(found.probabilities) == pytest.approx(1, abs=1e-5)


def test_outputs_that_are_no_distribution_go_through_a_softmax() -> None:
    """Outputs that are no distribution go through a softmax; the digit is that of the largest output."""
    outputs = np.array([[-3, 9, 2, 0, 0, 0, 0, 0, 0, 0], [0.9, 0.8, 0.7, 0, 0, 0, 0, 0, 0, 0]], np.float32)
    found = predictions(outputs)
    assert [each.digit for each in found] == [1, 0]
    assert all(sum(each.probabilities) == pytest.approx(1, abs=1e-5) for each in found)


def test_the_first_of_equal_outputs_wins() -> None:
    """If two outputs are equal, the first gives the digit, as in argmax."""
    assert predictions(np.full((1, 10), 0.1, np.float32))[0].digit == 0


@pytest.mark.parametrize(("number", "name"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_outputs_that_are_not_finite_are_null_and_named(number: float, name: str) -> None:
    """Outputs that are not finite become null and are named; other digits of the batch keep their predictions."""
    outputs = np.full((2, 10), 0.1, np.float32)
    outputs[0, 3] = number
    broken, whole = predictions(outputs)
    answer = orjson.loads(orjson.dumps(prediction_json(broken, PreparationReport(width=28, height=28))))
    assert (answer["digit"], answer["confidence"], answer["nonfinite"]) == (None, None, name)
    assert answer["probabilities"] == [None] * 10
    assert whole.digit == 0
    assert "nonfinite" not in prediction_json(whole, PreparationReport(width=28, height=28))


def test_a_prediction_is_json_with_the_fields_of_the_contract(digit: Bytes, model: NaiveSequential) -> None:
    """A prediction is JSON with the fields of the contract, except the ones that the API adds."""
    batch = Batch(rows_of(digit), many=False)
    (found,) = Predictor(model=model).predict(batch)
    answer = orjson.loads(orjson.dumps(prediction_json(found, batch.reports[0])))
    assert list(answer) == ["digit", "confidence", "probabilities", "top_k", "input"]
    assert answer["digit"] == 7
    assert answer["top_k"][0] == {"digit": 7, "probability": answer["confidence"]}
    assert answer["input"] == {
        "width": 28, "height": 28, "prepare": "auto", "method": "none", "inverted": False, "crop": None, "shift": None,
        "removed": [], "warnings": [], "notes": [],
    }  # fmt: skip
    assert set(answer["input"]["warnings"]) <= set(WARNINGS)


def test_the_trace_is_a_png_of_the_input(digit: Bytes) -> None:
    """The trace is a PNG of the network's input."""
    url = trace_png(rows_of(digit)[0])
    assert url.startswith("data:image/png;base64,")
    picture = Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
    assert np.array_equal(np.asarray(picture), digit)


def test_a_digit_that_turns_into_another_one_is_uncertain(mnist: dict[str, Bytes], model: NaiveSequential) -> None:
    """Digits found in pictures are uncertain if turning them gives another one: many of the wrong, few others."""
    digits, labels = mnist["x_test"][:2000], mnist["y_test"][:2000]
    images = [
        PreparedImage(pixels=each, width=300, height=300, method="found", doubts=("uneven_light",)) for each in digits
    ]
    found = Predictor(model=model).predict(Batch(images, many=True))
    assert {each.doubts for each in found} == {(), ("uncertain", "uneven_light")}
    is_right = np.array([each.digit for each in found]) == labels
    doubted = np.array([bool(each.doubts) for each in found])
    assert doubted[~is_right].mean() > 0.4
    assert doubted[is_right].mean() < 0.08
    as_they_are = Predictor(model=model).predict(Batch(rows_of(digits), many=True))
    assert not any(each.doubts for each in as_they_are)
