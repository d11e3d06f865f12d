"""The service's curves, drawn in this process."""

import json
from typing import Any

import altair as alt
import pytest

from service.charts import Chart, Look
from service.charts.__main__ import draw
from service.charts.axes import robust_high, whole_ticks

LOSSES = [2.4 / step + 0.05 for step in range(1, 401)]
CURVE = {
    "points": [{"step": step, "epoch": 1, "loss": loss, "smooth": loss} for step, loss in enumerate(LOSSES, 1)],
    "marks": [200, 400],
    "tests": [{"step": 200, "epoch": 1, "test_loss": 0.0625}, {"step": 400, "epoch": 2, "test_loss": 0.125}],
    "log": False,
    "whole": False,
}


def accuracies(*values: float) -> dict[str, Any]:
    """Return the data of a run's accuracy by epoch."""
    points = [{"epoch": epoch, "test_accuracy": value} for epoch, value in enumerate(values, 1)]
    return {"points": points, "metrics": ["test_accuracy"], "title": "accuracy", "share": True, "log": False}


def spec(chart: Chart, data: dict[str, Any], **look: Any) -> dict[str, Any]:
    """Return a chart as Vega-Lite; it passes Altair's schema and is drawn."""
    drawn: dict[str, Any] = json.loads(draw(chart, "json", Look(**look), data))
    alt.Chart.from_dict(drawn)
    assert draw(chart, "svg", Look(**look), data).startswith(b"<svg")
    return drawn


@pytest.mark.parametrize(
    ("epochs", "ticks"),
    [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (300, [1, 50, 100, 150, 200, 250, 300]), (1407, [1, 500, 1000, 1407])],
)
def test_ticks_are_whole_numbers_from_the_first_to_the_last(epochs: int, ticks: list[int]) -> None:
    """They are those of the page's plots."""
    assert whole_ticks(1, epochs, 6) == ticks


@pytest.mark.parametrize("values", [(0.98,), (0.97, 0.98), (0.96, 0.97, 0.98)])
def test_an_axis_of_epochs_has_whole_numbers(values: tuple[float, ...]) -> None:
    """Also that of one epoch, which is in the middle."""
    axis = spec("epochs", accuracies(*values))["encoding"]["x"]
    assert axis["axis"]["values"] == list(range(1, len(values) + 1))
    assert axis["scale"]["domain"] == ([0.5, 1.5] if len(values) == 1 else [1, len(values)])


def test_a_linear_axis_of_losses_ends_where_most_of_them_are() -> None:
    """It says that some are above; `whole` and `log` show all; a loss that rises at the end is always shown."""
    cut = spec("curve", CURVE)
    assert cut["layer"][1]["encoding"]["y"]["scale"]["domainMax"] < 0.3
    assert "above this axis" in cut["title"]["subtitle"]
    for shown in ({"whole": True}, {"log": True}):
        assert "domainMax" not in spec("curve", CURVE | shown)["layer"][1]["encoding"]["y"]["scale"]
    rising = [0.1] * 990 + [9.0] * 10
    assert robust_high(rising, rising) is None


def test_the_loss_has_the_test_loss_and_a_ring_at_the_best_epoch() -> None:
    """A run whose test losses are not numbers has no ring."""
    assert spec("curve", CURVE)["datasets"]["best"] == [{"step": 200, "epoch": 1, "test_loss": 0.0625}]
    assert spec("curve", CURVE | {"tests": [{"step": 200, "epoch": 1, "test_loss": None}]})["datasets"]["best"] == []


@pytest.mark.parametrize("chart", ["epochs", "groups"])
def test_losses_of_epochs_have_a_logarithmic_axis(chart: Chart) -> None:
    """A request for it draws accuracies as before."""
    point = {"epoch": 1, "train_loss": 0.5, "mean": 0.5, "low": 0.4, "high": 0.6}
    data = {"points": [point], "runs": [{"name": "a", "points": [point]}], "metrics": ["train_loss"], "log": True}
    drawn = spec(chart, data | {"title": "loss", "metric": "train_loss", "share": False})
    assert '"type": "log"' in json.dumps(drawn)
    assert '"type": "log"' not in json.dumps(spec("epochs", accuracies(0.9) | {"log": True}))


@pytest.mark.parametrize(("language", "text"), [("en", "from 90.00% to 99.99%"), ("es", "de 90,00% a 99,99%")])
def test_a_chart_describes_itself_and_no_rounding_makes_a_share_whole(language: str, text: str) -> None:
    """The text alternative has the first, last, lowest and highest value; the tooltip's value is the same."""
    drawn = spec("epochs", accuracies(0.9, 0.99999), language=language)
    assert text in drawn["description"]
    assert drawn["datasets"]["points"][1]["value_shown"] == pytest.approx(0.9999)
