"""What a client chooses with ``prepare``, and what the report says of it."""

import base64
from io import BytesIO

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.inference.answers.prediction_json import prediction_json, steps_json
from service.inference.answers.predictor import Prediction
from service.inference.limits import InputLimits
from service.inference.pictures.report import AUTO, REMOVED, STEPS, WARNINGS, PreparationReport, PrepareOptions
from service.inference.requests.batch import Batch
from service.inference.requests.body import File, read_body, read_files

Bytes = NDArray[np.uint8]

FORMS = ["png", "pixels", "fractions", "npy", "base64", "file"]
NEVER, ALWAYS = (PrepareOptions(prepare=choice) for choice in ("never", "always"))


def saved(pixels: Bytes) -> bytes:
    """The picture as a PNG."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def read(pixels: Bytes, form: str, limits: InputLimits, options: PrepareOptions = AUTO) -> Batch:
    """Read a 28x28 that a client sends in one of the forms."""
    if form == "file":
        return read_files([File(data=saved(pixels))], limits, options)
    if form == "npy":
        stream = BytesIO()
        np.save(stream, pixels)
        return read_body(stream.getvalue(), "application/x-npy", limits, options)
    if form == "png":
        return read_body(saved(pixels), "image/png", limits, options)
    values = {
        "pixels": {"pixels": pixels.tolist()},
        "fractions": {"pixels": (pixels / 255).ravel().tolist()},
        "base64": {"image": base64.b64encode(saved(pixels)).decode()},
    }
    return read_body(orjson.dumps(values[form]), "application/json", limits, options)


def corner(digit: Bytes) -> Bytes:
    """The digit in the left top corner of its 28x28."""
    rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    return np.roll(digit, (-int(rows[0]), -int(columns[0])), (0, 1))


@pytest.mark.parametrize("form", FORMS)
def test_a_28x28_as_mnist_made_it_is_read_as_it_is(digit: Bytes, limits: InputLimits, form: str) -> None:
    """In each form its pixels go to the network as they are, and the report says that nothing was done."""
    batch = read(digit, form, limits)
    assert np.array_equal(batch.rows, digit.reshape(1, 784) / np.float32(255))
    report = batch.reports[0]
    assert (report.prepare, report.method, report.warnings) == ("auto", "none", ())


@pytest.mark.parametrize("form", FORMS)
def test_a_28x28_that_is_not_centred_is_centred(digit: Bytes, limits: InputLimits, form: str) -> None:
    """In each form the digit moves to the middle: the network reads what MNIST's own 28x28 shows."""
    batch = read(corner(digit), form, limits)
    assert batch.reports[0].method == "centred"
    assert np.abs(batch.rows.reshape(28, 28) * 255 - digit).mean() < 12


@pytest.mark.parametrize("form", FORMS)
def test_never_takes_a_28x28_as_it_is(digit: Bytes, limits: InputLimits, form: str) -> None:
    """With ``never`` a digit in a corner, also dark on light, is neither moved nor inverted."""
    given = ~corner(digit)
    batch = read(given, form, limits, NEVER)
    assert np.array_equal(batch.rows, given.reshape(1, 784) / np.float32(255))
    assert (batch.reports[0].prepare, batch.reports[0].method) == ("never", "none")


@pytest.mark.parametrize("form", FORMS)
def test_always_prepares_also_what_mnist_made(digit: Bytes, limits: InputLimits, form: str) -> None:
    """With ``always`` the digit is found in a 28x28 as in any picture; of one that MNIST made little changes."""
    batch = read(digit, form, limits, ALWAYS)
    assert (batch.reports[0].prepare, batch.reports[0].method) == ("always", "found")
    assert np.abs(batch.rows[0] * 255 - digit.ravel()).mean() < 20


def test_never_scales_a_large_picture_as_a_whole(digit: Bytes, limits: InputLimits) -> None:
    """With ``never`` nothing of a larger picture is cut off; what is not square gets its border's grey at the sides."""
    large = np.asarray(Image.fromarray(corner(digit)).resize((280, 280), Image.Resampling.NEAREST))
    batch = read_body(saved(large), "image/png", limits, NEVER)
    assert np.array_equal(batch.rows[0], corner(digit).ravel() / np.float32(255))
    assert batch.reports[0].method == "scaled"
    wide = read_body(saved(np.full((140, 280), 200, np.uint8)), "image/png", limits, NEVER)
    assert np.array_equal(wide.rows[0], np.full(784, 200 / 255, np.float32))


def test_a_28x28_that_fills_its_picture_is_warned_of(limits: InputLimits) -> None:
    """A picture that is no digit on even paper, such as a garment, is read as it is, with a warning."""
    garment = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    report = read_body(saved(garment), "image/png", limits).reports[0]
    assert (report.method, report.warnings) == ("none", ("not_centred",))
    assert read_body(saved(garment), "image/png", limits, NEVER).reports[0].warnings == ()


def test_a_trace_shows_the_steps_in_order(digit: Bytes, limits: InputLimits) -> None:
    """With ``trace`` the report has a small picture of each step, named, and the network's input last."""
    large = np.asarray(Image.fromarray(~digit).resize((600, 600)))
    batch = read_body(saved(large), "image/png", limits, PrepareOptions(trace=True))
    steps = steps_json(batch.reports[0], batch.rows[0])
    assert [each["name"] for each in steps] == list(STEPS)
    for step in steps:
        picture = Image.open(BytesIO(base64.b64decode(step["png"].partition(",")[2])))
        assert max(picture.size) <= 200
    assert read_body(saved(large), "image/png", limits).reports[0].steps == ()


def test_notes_say_what_was_removed_and_what_is_doubtful() -> None:
    """Each code of ``warnings`` and ``removed`` has a note with a sentence; the doubts of a prediction are warnings."""
    report = PreparationReport(width=9, height=9, removed=("desk",), warnings=("low_contrast",))
    found = prediction_json(Prediction(1, 0.5, (0.1,) * 10, (), doubts=("uncertain",)), report)["input"]
    assert found["warnings"] == ["low_contrast", "uncertain"]
    assert found["notes"] == [
        {"kind": "warning", "code": "low_contrast", "message": WARNINGS["low_contrast"]},
        {"kind": "warning", "code": "uncertain", "message": WARNINGS["uncertain"]},
        {"kind": "removed", "code": "desk", "message": REMOVED["desk"]},
    ]
