"""The first notebook builds the network from scratch and solves the exercises."""

from pathlib import Path

import pytest

from tests.notebooks import NOTEBOOKS, outputs, run

#: The sentences under the plots, as conditions.
CHECKS = """
assert difference == 0  # the library's graph gives the very losses of the cells
first = {name: run.epochs[-1].test_accuracy for name, run in initial.items()}
notebook, he, glorot, function, zeros = first.values()
assert he > notebook and glorot > notebook and zeros < 0.12
relu, tanh, sigmoid, gelu, own = (run.epochs[-1].test_accuracy for run in hidden.values())
assert min(relu, tanh, gelu, own) > sigmoid > 0.8
early, last = ([np.mean(run.losses[part]) for run in hidden.values()] for part in (slice(25, 51), slice(-20, None)))
assert min(early) == early[1] and max(early) == early[4]  # tanh and the square
assert min(last) == last[0] and max(last) == last[2]  # relu and the sigmoid
assert 0.4 < rises < 0.6
plain, too_fast, he, faster, smaller = (run.epochs[-1].test_accuracy for run in better.values())
assert too_fast < plain < he < faster < smaller and smaller > 0.95
sgd, momentum, adam, rmsprop, own = (run.epochs[-1].test_accuracy for run in chosen.values())
assert own > 0.7 and sgd < momentum < min(adam, rmsprop)
assert np.mean(predicted_labels == test_labels) > 0.95
adam, rmsprop = ([row["accuracy"] for row in again if row["optimizer"] == name] for name in ("adam", "rmsprop"))
assert min(adam) < max(rmsprop) and min(rmsprop) < max(adam) and len(set(adam)) == 5
"""


@pytest.mark.timeout(900)
def test_every_cell_runs(tmp_path: Path) -> None:
    """Every cell runs, each exercise has its plot, and its sentence is true."""
    notebook = run(NOTEBOOKS / "en" / "1-from-scratch.ipynb", CHECKS, folder=tmp_path)

    assert len(outputs(notebook, "image/png")) == 2
    assert sum("vega" in str(each) for each in outputs(notebook, "text/html")) == 7
