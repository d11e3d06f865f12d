"""What notebooks show."""

import math
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from naivenet_client import History, StepPoint, html
from naivenet_client.schemas.jobs import Failure, JobData, Network

ATTACK = '<script>alert("x")</script>'


def a_job(**fields: object) -> JobData:
    """A job with these fields."""
    needed = {"id": "job_1", "status": "failed", "created_at": datetime(2026, 1, 1, tzinfo=UTC), "epochs": 3}
    config = {"network": Network(layers=()), "optimizer": {}, "batch_size": 128, "dataset": "mnist"}
    return JobData(**needed, **config, **fields)  # type: ignore[arg-type]  # of the right types


def test_texts_are_escaped() -> None:
    """Names and messages of a job cannot bring HTML into the notebook of another person."""
    job = a_job(name=ATTACK, error=Failure(code="x", message=ATTACK))
    for shown in (html.job(job, []), html.jobs([job]), html.table([ATTACK], [[ATTACK]])):
        assert "<script" not in shown
        assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    ("losses", "moves"),
    [([3.0, 2.0, 1.0], 1), ([3.0, None, 1.0, 0.5], 2), ([math.inf, 3.0, 2.0, math.nan], 1), ([1.0, 1.0], 1)],
)
def test_a_sparkline_draws_what_is_finite(losses: list[float | None], moves: int) -> None:
    """The sparkline is valid SVG within its size, with a gap where a loss is not finite."""
    svg = ET.fromstring(html.sparkline(losses))  # noqa: S314  # our own
    path = svg[0].attrib["d"]
    assert path.count("M") == moves
    numbers = [float(each) for each in path.replace("M", "").replace("L", "").split()]
    assert all(0 <= x <= html.WIDTH for x in numbers[::2])
    assert all(0 <= y <= html.HEIGHT for y in numbers[1::2])


@pytest.mark.parametrize("losses", [[], [1.0], [math.nan, 1.0, None]])
def test_no_line_without_two_points(losses: list[float | None]) -> None:
    """A job that has hardly begun has no curve, and is shown all the same."""
    assert html.sparkline(losses) == ""
    assert "job_1" in html.job(a_job(), losses)


def test_a_history_restores_numbers_that_are_not_finite() -> None:
    """JSON has no NaN and no infinities: `losses` has them again."""
    points = [StepPoint(step=1, epoch=1, loss=2.5), StepPoint(step=2, epoch=1, loss=None, nonfinite="inf")]
    history = History(data=tuple(points), total_points=2)
    assert history.losses == [2.5, math.inf]
    assert history.to_pandas()["loss"].tolist() == [2.5, math.inf]
    assert repr(history) == "History(2 of 2 points, last loss inf)"
    assert "not finite" in history._repr_html_()
    assert "0 of 0" in History[StepPoint](data=())._repr_html_()
