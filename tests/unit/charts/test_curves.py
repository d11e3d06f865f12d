"""The chart of several runs, as Vega-Lite."""

from service.charts.curves import compare
from service.charts.request import Look


def test_more_runs_than_colours_and_dashes_are_drawn() -> None:
    """Sixty-four runs, the most that are compared, each have a colour and a dash, which begin again after a while."""
    runs = [{"name": f"run {number}", "points": [{"step": 1, "loss": 1.0, "smooth": 1.0}]} for number in range(64)]
    drawing = compare({"runs": runs, "metric": "loss", "share": False, "log": False}, Look())
    dashes = drawing.chart.to_dict()["layer"][0]["encoding"]["strokeDash"]["scale"]["range"]
    assert len(dashes) == len(runs)
    assert dashes[0] == dashes[24] != dashes[6]
