"""The numbers beside the axes of charts."""

import re

import vl_convert

from service.charts.experiments import dots
from service.charts.request import Look
from tests.servers import Json


def texts(svg: str) -> list[str]:
    """The texts of a picture."""
    return re.findall(r"<text[^>]*>([^<]+)<", svg)


def test_an_axis_of_losses_has_no_exponents() -> None:
    """Ticks at 0 and 10 are written as such: `~g` would round them to one digit and write 1e+1."""
    runs = [{"arm": "a", "seed": seed, "value": value} for seed, value in enumerate((0.2, 14.0))]
    arm = {"name": "a", "diverged": 0, "mean": 7.1, "low": 0.1, "high": 15.0}
    data: Json = {"runs": runs, "arms": [arm], "pairs": [], "metric": "test_loss", "share": False}
    drawing = dots(data, Look(width=300))
    spec = drawing.chart.to_dict() | {"datasets": drawing.tables}
    written = texts(vl_convert.vegalite_to_svg(spec))
    assert "10" in written
    assert not [text for text in written if re.search(r"\de[+-]", text)]
