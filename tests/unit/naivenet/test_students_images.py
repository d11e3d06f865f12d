"""`fit` with images as students prepare them, and the lines that it prints."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from naivenet import NaivenetWarning, ParameterError, evaluate, fit, predict
from tests.unit.naivenet.runs import Samples, built, weight_bytes


def test_floats_of_any_precision_are_images(mnist: Any, small: Samples) -> None:
    """Bytes divided by 255 are doubles in NumPy, and train as float32 does."""
    model, doubled = built(), built()
    fit(model, *small, 1)
    fit(doubled, mnist.x_train[:300] / 255, small[1], 1)
    assert weight_bytes(model) == weight_bytes(doubled)


@pytest.mark.parametrize(
    "call",
    [
        lambda model, x, y: fit(model, x, y, 2, validation=(x, y)),
        lambda model, x, y: fit(model, x / 255, y, 2, test=(x, y)),
        lambda model, x, y: fit(model, x, y, 1, compiled=False),
        evaluate,
        lambda model, x, y: predict(model, x),
    ],
    ids=["fit", "test images", "eager", "evaluate", "predict"],
)
def test_images_that_were_not_divided_get_one_warning(mnist: Any, call: Callable[..., Any]) -> None:
    """The warning says what to write, and points at the user's line."""
    with pytest.warns(NaivenetWarning, match=r"from 0 to 1, but reach 255: divide them, images / 255") as caught:
        call(built(), mnist.x_train[:50].astype("float32"), mnist.y_train[:50])
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_normalized_images_get_no_warning(small: Samples) -> None:
    """Images with mean 0 and standard deviation 1 reach beyond 1, and below 0."""
    images = (small[0] - small[0].mean()) / small[0].std()
    fit(built(), images, small[1], 1)


@pytest.mark.parametrize(("stream", "lines"), [("terminal", 2), ("pipe", 0)])
def test_a_terminal_gets_the_notebooks_lines(
    small: Samples, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stream: str, lines: int
) -> None:
    """By default `fit` prints in a terminal and is silent elsewhere; 0 and 1 decide it."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: stream == "terminal")
    fit(built(), *small, 1)
    assert len(capsys.readouterr().out.splitlines()) == lines
    fit(built(), *small, 1, verbose=0)
    assert capsys.readouterr().out == ""
    fit(built(), *small, 1, verbose=1)
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    "made",
    [
        pd.DataFrame,
        lambda images: pd.DataFrame(images).astype("Float32"),
        lambda images: pd.DataFrame({"image": list(images)})["image"],
        list,
        lambda images: images.astype("float64").reshape(-1, 28, 28),
    ],
    ids=["frame", "nullable", "column of arrays", "list", "doubles"],
)
def test_images_may_come_from_pandas(small: Samples, made: Callable[[np.ndarray], Any]) -> None:
    """Frames, also with nullable numbers, and columns or lists of arrays train as the array does."""
    images, labels = small
    losses = [fit(built(), each, pd.Series(labels), 1).losses.tobytes() for each in (images, made(images))]
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda images: images.astype("int64"), r"not int64: images.astype\('uint8'\)"),
        (lambda images: tf.cast(images, tf.bfloat16), r"not bfloat16: images.astype\('float32'\)"),
        (lambda images: images / np.float32(0), "the images contain NaN or infinity: replace"),
    ],
    ids=["integers", "bfloat16", "infinite"],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_images_that_are_no_numbers_to_learn_from_are_refused(
    small: Samples, made: Callable[[np.ndarray], Any], message: str
) -> None:
    """The error says what they are, and what to write."""
    with pytest.raises(ParameterError, match=message):
        fit(built(), made(small[0]), small[1], 1)
