"""`fit` with images as students prepare them, and the lines that it prints."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from naivenet import NaivenetWarning, evaluate, fit, predict
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
