"""The style of all charts: the page's colours in its light and dark theme, quiet axes, and one font."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from service.charts.labels import NUMBERS
from service.charts.request import Look, Theme


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of a theme; *lines* distinguish series, and the first is the accent colour."""

    panel: str
    ink: str
    faint: str
    grid: str
    lines: Sequence[str]


PALETTES: Mapping[Theme, Palette] = {
    "light": Palette(
        panel="#ffffff",
        ink="#17181f",
        faint="#5b5e6e",
        grid="#e1e2ea",
        lines=("#4338ca", "#b45309", "#0f766e", "#be185d", "#4d7c0f", "#0369a1"),
    ),
    "dark": Palette(
        panel="#191b24",
        ink="#ecedf4",
        faint="#a6a9bb",
        grid="#2b2e3b",
        lines=("#a5a1ff", "#fbb35c", "#5eead4", "#f9a8d4", "#bef264", "#7dd3fc"),
    ),
}

#: The dash patterns of lines when series outnumber colours: one a round of colours; dashes and gaps in pixels.
DASHES = ([1, 0], [6, 3], [2, 3], [6, 2, 2, 2])

FONT = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, DejaVu Sans, sans-serif"


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart without data, its data, which are rows by the name of their table, and its text alternative."""

    chart: alt.TopLevelMixin
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    description: str = ""


def palette(look: Look) -> Palette:
    """Return the colours of the look's theme."""
    return PALETTES[look.theme]


def has_bounds(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether any row has a ``low``. Vega warns of a mark between bounds that no row has."""
    return any(row["low"] is not None for row in rows)


def table(name: str) -> alt.Chart:
    """Return a chart of the table of that name, without a mark."""
    return alt.Chart(alt.NamedData(name=name))


def fitted(chart: Any, look: Look) -> alt.TopLevelMixin:
    """Return *chart* in the size of the whole image, axes and legend included."""
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    whole: alt.TopLevelMixin = chart.properties(width=look.width, height=look.height, autosize=fit)
    return whole


def styled(drawing: Drawing, look: Look) -> dict[str, Any]:
    """Return the chart as Vega-Lite, in its theme.

    Altair gets the names of tables only: it would copy and validate each number, which takes ten times as long as the
    rest.
    """
    spec: dict[str, Any] = drawing.chart.to_dict()
    config = _config(palette(look)) | {"locale": {"number": NUMBERS[look.language]}}
    text = {"description": drawing.description} if drawing.description else {}
    frame = {"background": palette(look).panel, "padding": 8}
    return {**spec, **text, "datasets": drawing.tables, "config": config, **frame}


def _config(colours: Palette) -> dict[str, Any]:
    text = {"labelColor": colours.faint, "titleColor": colours.faint, "titleFontWeight": "normal"}
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **text,
            "gridColor": colours.grid,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "titlePadding": 8,
        },
        "legend": {**text, "orient": "top", "direction": "horizontal", "symbolStrokeWidth": 3, "labelLimit": 220},
        "header": {**text, "labelFontSize": 11},
        "title": {"color": colours.ink, "subtitleColor": colours.faint, "anchor": "start", "fontSize": 13},
        "range": {"category": list(colours.lines)},
    }
