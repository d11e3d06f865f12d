"""Charts of experiments, drawn in this process: the routes' tests show that they come from the renderer's."""

import re
from io import BytesIO
from itertools import product
from typing import Any

import altair as alt
import orjson
import pytest
from PIL import Image

from service.api.charts import experiments as chart_data
from service.api.charts import sweeps
from service.charts import Chart, Look
from service.charts.__main__ import draw
from service.domain.history import EpochPoint
from service.experiments import Question, analyse
from tests.unit.experiments.arms import arm

SGD, ADAM = [0.951, 0.952, 0.95, 0.953, 0.951, 0.949], [0.961, 0.96, 0.963, 0.962, 0.959, 0.962]


def of(*arms: tuple[str, list[Any]], metric: str = "test_accuracy") -> dict[str, Any]:
    """Return the data of the dots of these arms."""
    return chart_data.dots(analyse([arm(*each) for each in arms], Question(metric=metric)))


def history(*accuracies: float) -> list[EpochPoint]:
    """Return the epochs of a run with these test accuracies."""
    rest = {"validation_loss": None, "validation_accuracy": None, "test_loss": 0.1, "train_loss": 0.1, "seconds": 1.0}
    return [
        EpochPoint(epoch=epoch, step=epoch, train_accuracy=0.9, test_accuracy=accuracy, **rest)  # type: ignore[arg-type]  # floats and None
        for epoch, accuracy in enumerate(accuracies, 1)
    ]


DOTS = of(("sgd", SGD), ("adam", ADAM))
CURVES = chart_data.mean_curves({"sgd": [history(0.951, 0.955), history(0.952, 0.954)], "adam": []}, "test_accuracy")
VALUES = {
    f"{rate} {name}": {"/optimizer/learning_rate": rate, "/optimizer/name": name}
    for rate, name in product((0.001, 0.01, 0.1), ("sgd", "adam"))
}
SWEPT = analyse(
    [arm(name, [0.951 + number / 1000, 0.952, 0.9535]) for number, name in enumerate(VALUES)],
    Question(metric="test_accuracy"),
)
CHARTS: list[tuple[Chart, dict[str, Any]]] = [
    ("dots", DOTS),
    ("groups", CURVES),
    ("best_so_far", sweeps.best_so_far(SWEPT, VALUES)),
    ("effects", sweeps.effects(SWEPT, VALUES)),
    ("parallel", sweeps.parallel(SWEPT, VALUES)),
]


def spec(chart: Chart, data: dict[str, Any], **look: Any) -> dict[str, Any]:
    """Return a chart as Vega-Lite."""
    drawn: dict[str, Any] = orjson.loads(draw(chart, "json", Look(**look), data))
    return drawn


@pytest.mark.parametrize(("chart", "data"), CHARTS)
def test_a_chart_is_valid_and_drawn_in_each_form(chart: Chart, data: dict[str, Any]) -> None:
    """It passes Altair's schema; an SVG and a PNG have about the requested size."""
    alt.Chart.from_dict(spec(chart, data, height=420))
    assert draw(chart, "svg", Look(), data).startswith(b"<svg")
    width, height = Image.open(BytesIO(draw(chart, "png", Look(height=420), data))).size
    assert (width, height) == (pytest.approx(720, abs=30), pytest.approx(420, abs=30))


@pytest.mark.parametrize(("chart", "data"), CHARTS)
def test_a_chart_has_the_theme_and_the_language(chart: Chart, data: dict[str, Any]) -> None:
    """A dark Spanish one has a dark background, a Spanish title, and decimal commas."""
    svg = draw(chart, "svg", Look(theme="dark", language="es"), data).decode()
    assert "#191b24" in svg
    assert "Exactitud de prueba" in svg
    assert re.search(r">\d+,\d+%<", svg)


def test_every_run_is_a_dot_and_seeds_are_joined() -> None:
    """Each run has a row with its seed, by which the line joins the arms; the intervals are beside."""
    drawn = spec("dots", DOTS)
    assert [(run["arm"], run["seed"]) for run in drawn["datasets"]["runs"]] == [
        (name, seed) for name in ("sgd", "adam") for seed in range(1, 7)
    ]
    lines = [layer for layer in drawn["vconcat"][0]["layer"] if layer["mark"]["type"] == "line"]
    assert lines[0]["encoding"]["detail"]["field"] == "seed"
    assert all(row["low"] < row["mean"] < row["high"] for row in drawn["datasets"]["arms"])


def test_differences_of_accuracies_are_in_points() -> None:
    """One percentage point is shown as 1; the difference of losses stays as it is."""
    (pair,) = spec("dots", DOTS)["datasets"]["pairs"]
    assert pair["difference"] == pytest.approx(1.0, abs=0.05)
    assert pair["pair"] == "adam − sgd"
    (pair,) = spec("dots", of(("sgd", SGD), ("adam", ADAM), metric="test_loss"))["datasets"]["pairs"]
    assert pair["difference"] == pytest.approx(0.01, abs=0.0005)


def test_runs_that_diverged_are_named() -> None:
    """They have no dot; the name of the arm says how many there are."""
    drawn = spec("dots", of(("sgd", [0.9, "diverged", "diverged"]), ("adam", [0.9, 0.91, 0.92])), language="es")
    assert [row["arm"] for row in drawn["datasets"]["arms"]] == ["sgd (2 divergieron)", "adam"]
    assert len(drawn["datasets"]["runs"]) == 4


@pytest.mark.parametrize(
    "arms",
    [
        [("sgd", ["pending"]), ("adam", ["pending"])],
        [("sgd", [0.9]), ("adam", ["pending"])],
        [("sgd", [0.9]), ("adam", [0.9])],
        [("sgd", ["diverged"]), ("adam", ["failed"])],
        [(f"an arm with a long name, number {number}", [0.9, 0.91]) for number in range(15)],
    ],
)
def test_dots_of_few_runs_or_many_arms_are_drawn(arms: list[tuple[str, list[Any]]]) -> None:
    """Also before the first run has ended."""
    assert draw("dots", "svg", Look(width=240), of(*arms)).startswith(b"<svg")


def test_a_curve_is_the_mean_with_the_interval_of_the_runs_that_reached_the_epoch() -> None:
    """A run that is behind, or whose metric is not a number, is left out; one run has no interval."""
    data = chart_data.mean_curves({"sgd": [history(0.9, 0.94, 0.95), history(0.92, float("nan"))]}, "test_accuracy")
    points = data["runs"][0]["points"]
    assert [point["mean"] for point in points] == pytest.approx([0.91, 0.94, 0.95])
    assert points[0]["low"] < 0.9
    assert points[0]["high"] > 0.92
    assert points[1]["low"] is None
    titles = [each["title"] for each in spec("groups", data)["layer"][1]["encoding"]["tooltip"]]
    assert titles == ["Run", "Epoch", "Mean", "Interval from", "Interval to"]


def test_the_best_so_far_never_falls() -> None:
    """Each arm is a dot, and the line stays at the best mean."""
    points = spec("best_so_far", sweeps.best_so_far(SWEPT, VALUES))["datasets"]["points"]
    assert [point["place"] for point in points] == [1, 2, 3, 4, 5, 6]
    assert [point["best"] for point in points] == sorted(point["best"] for point in points)


def test_each_parameter_has_a_panel_with_its_importance() -> None:
    """Numbers over a wide range are on a logarithmic axis; words are in their order."""
    drawn = spec("effects", sweeps.effects(SWEPT, VALUES))
    rate, name = drawn["concat"]
    assert rate["title"]["text"] == "learning_rate"
    assert re.fullmatch(r"\d+% of the variation", rate["title"]["subtitle"])
    assert rate["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    assert name["layer"][0]["encoding"]["x"]["sort"] == ["sgd", "adam"]
    assert len(drawn["datasets"]["arms 0"]) == 6


def test_parallel_coordinates_have_a_line_for_each_arm() -> None:
    """Through all parameters to the metric; the best arm is at the top of its axis, for a loss at the bottom."""
    points = sweeps.parallel(SWEPT, VALUES)["points"]
    assert len(points) == 6 * 3
    last = [point for point in points if point["axis"] == 2]
    assert max(last, key=lambda point: point["mean"])["place"] == 1
    losses = analyse([arm(name, [number]) for number, name in enumerate(VALUES)], Question(metric="test_loss"))
    best = min(sweeps.parallel(losses, VALUES)["points"], key=lambda point: point["mean"])
    assert (best["good"], best["mean"]) == (1, 0)
    drawn = spec("parallel", sweeps.parallel(SWEPT, VALUES), language="es")["datasets"]["ticks"]
    assert {tick["text"] for tick in drawn} >= {"0,001", "0,01", "0,1", "sgd", "adam"}


@pytest.mark.parametrize("chart", ["best_so_far", "effects", "parallel"])
def test_a_sweep_without_results_has_empty_charts(chart: Chart) -> None:
    """As before the first run has ended."""
    pending = analyse([arm(name, ["pending"]) for name in VALUES], Question(metric="test_loss"))
    assert draw(chart, "svg", Look(), getattr(sweeps, chart)(pending, VALUES)).startswith(b"<svg")


@pytest.mark.parametrize(("chart", "table"), [("dots", "runs"), ("best_so_far", "points"), ("effects", "arms 0")])
def test_a_tooltip_writes_100_percent_for_a_whole_only(chart: Chart, table: str) -> None:
    """0.99996 is 99.99 % in the dots of an experiment and in the charts of a sweep, as on the page."""
    arms = [arm(name, [0.99996, 0.99996]) for name in ("1", "2")]
    analysis = analyse(arms, Question(metric="test_accuracy"))
    swept = {name: {"/batch_size": int(name)} for name in ("1", "2")}
    data = {
        "dots": chart_data.dots(analysis),
        "best_so_far": sweeps.best_so_far(analysis, swept),
        "effects": sweeps.effects(analysis, swept),
    }
    drawn = spec(chart, data[chart])
    fields = re.findall(r'"field":"(\w+)","format":"\.2%"', orjson.dumps(drawn).decode())
    shown = [row[field] for row in drawn["datasets"][table] for field in fields if field in row]
    assert shown
    assert shown == pytest.approx([0.9999] * len(shown))


@pytest.mark.parametrize(("chart", "data"), CHARTS)
def test_a_chart_of_an_experiment_describes_itself(chart: Chart, data: dict[str, Any]) -> None:
    """Where each arm, parameter or curve begins and ends, for readers who do not see it."""
    assert re.search(r"from 9\d\.\d\d% to 9\d\.\d\d%", spec(chart, data)["description"])
