"""The chart of an experiment: every run a dot, the runs of a seed joined, and the intervals of arms and differences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from service.charts.descriptions import Described, described
from service.charts.labels import label
from service.charts.request import Look
from service.charts.shares import value_tooltip, with_shown
from service.charts.style import Drawing, has_bounds, palette, table

Json = dict[str, Any]

#: The height of an axis with its title, and the widths of the margin and of a letter, in pixels.
AXIS, MARGIN, LETTER = 46, 22, 6

#: A tick of the horizontal axis for so many pixels.
TICK = 110

#: The largest part of the width that the names of arms take.
NAMES = 0.4

#: How far above and below the middle of its row an arm's dots and its interval are, as shares of the row's height.
ABOVE, BELOW = -0.16, 0.22

LARGEST_OFFSET = 12  # pixels


def dots(data: Json, look: Look) -> Drawing:
    """Return the dots of all runs, a row for each arm, and below them the differences of the pairs, if there are any.

    Args:
        data: ``runs`` of ``arm, seed, value``; ``arms`` of ``name, diverged, mean, low, high``; ``pairs`` of ``arm,
            baseline, difference, low, high``; ``metric``; ``share`` if the metric is a percentage.
        look: The look of the chart.
    """
    names = {arm["name"]: _named(arm, look) for arm in data["arms"]}
    pairs = [_difference(pair, percent=data["share"]) for pair in data["pairs"]]
    texts = [*names.values(), *(pair["pair"] for pair in pairs)]
    left = min(round(look.width * NAMES), LETTER * max(map(len, texts), default=0) + LETTER)
    heights = _heights(len(names), len(pairs), look)
    width = look.width - left - MARGIN
    measure = _Measure(name=data["metric"], share=data["share"], look=look)
    above = _runs(measure, data["arms"], list(names.values()), left, heights[0])
    panels = [above.properties(width=width, height=heights[0])]
    if pairs:
        below = _differences(
            pairs,
            replace(measure, name="points" if data["share"] else "difference", share=False),
            [pair["pair"] for pair in pairs],
            left,
        )
        panels.append(below.properties(width=width, height=heights[1]))
    tables = {
        "runs": with_shown(({**run, "arm": names[run["arm"]]} for run in data["runs"]), "value", share=data["share"]),
        "arms": with_shown(
            ({**arm, "arm": names[arm["name"]]} for arm in data["arms"]), "mean", "low", "high", share=data["share"]
        ),
    }
    if pairs:
        tables |= {"pairs": pairs, "zero": [{"zero": 0}]}
    series = [
        Described(name=names[arm], values=[run["value"] for run in data["runs"] if run["arm"] == arm]) for arm in names
    ]
    text = described(series, data, look)
    return Drawing(chart=alt.vconcat(*panels, spacing=12), tables=tables, description=text)


def _named(arm: Json, look: Look) -> str:
    """Return the name of an arm, and how many of its runs diverged: they have no dot."""
    return f"{arm['name']} ({label(look, 'diverged', count=arm['diverged'])})" if arm["diverged"] else arm["name"]


def _difference(pair: Json, *, percent: bool) -> Json:
    """Return the row of a pair; the difference of two percentages is in points."""
    factor = 100 if percent else 1
    numbers = {
        name: pair[name] if pair[name] is None else factor * pair[name] for name in ("difference", "low", "high")
    }
    return {"pair": f"{pair['arm']} \N{MINUS SIGN} {pair['baseline']}", **numbers}


def _heights(arms: int, pairs: int, look: Look) -> tuple[int, int]:
    """Return the heights of both panels: a row of an arm is twice as high as that of a pair."""
    whole = max(look.height - AXIS * (2 if pairs else 1) - MARGIN, 40)
    above = round(whole * 2 * max(arms, 1) / (2 * max(arms, 1) + pairs))
    return above, max(whole - above, 10)


@dataclass(frozen=True, kw_only=True)
class _Measure:
    """What the horizontal axis of a panel shows: the metric, or differences of it."""

    name: str
    share: bool
    look: Look

    def axis(self, field: str) -> alt.X:
        """Return the axis, for a field of its rows."""
        ticks = max(2, self.look.width // TICK)
        axis = alt.Axis(format=".2~%" if self.share else "~r", tickCount=ticks, labelOverlap="greedy", labelFlush=False)
        return alt.X(f"{field}:Q", title=label(self.look, self.name), scale=alt.Scale(zero=False), axis=axis)

    def tooltip(self, field: str, name: str) -> alt.Tooltip:
        """Return the tooltip of a field, under the label of that name."""
        return value_tooltip(field, label(self.look, name), share=self.share)

    def interval(
        self, rows: alt.Chart, data: Sequence[Json], middle: str, place: alt.Tooltip, *, offset: float
    ) -> list[alt.Chart]:
        """Return a diamond at the *middle*, and below it a rule from ``low`` to ``high``, if the *data* have them."""
        words = {middle: middle, "low": "lower", "high": "upper"}
        tooltips = [place, *(self.tooltip(field, name) for field, name in words.items())]
        rule = rows.mark_rule(strokeWidth=2.4, yOffset=offset)
        diamond = rows.mark_point(shape="diamond", filled=True, size=64, opacity=1, yOffset=offset)
        rules = [rule.encode(self.axis("low"), alt.X2("high:Q"), tooltip=tooltips)] if has_bounds(data) else []
        return [*rules, diamond.encode(self.axis(middle), tooltip=tooltips)]


def _runs(
    measure: _Measure, data: Sequence[Json], names: Sequence[str], left: int, height: int
) -> alt.LayerChart | alt.FacetChart:
    row = height / max(len(names), 1)
    up, down = max(ABOVE * row, -LARGEST_OFFSET), min(BELOW * row, LARGEST_OFFSET)
    colour = alt.Color("arm:N", scale=alt.Scale(domain=list(names)), legend=None)
    rows = _rows("arm", names, left)
    runs, arms = table("runs").encode(rows), table("arms").encode(rows, colour)
    place = alt.Tooltip("arm:N", title=label(measure.look, "arm"))
    seed = alt.Tooltip("seed:Q", title=label(measure.look, "seed"), format="d")
    joined = runs.mark_line(color=palette(measure.look).faint, opacity=0.3, strokeWidth=1, yOffset=up)
    spots = runs.mark_circle(size=52, opacity=0.75, yOffset=up)
    return alt.layer(
        joined.encode(measure.axis("value"), alt.Detail("seed:N"), alt.Order("place:Q")),
        spots.encode(measure.axis("value"), colour, tooltip=[place, seed, measure.tooltip("value", measure.name)]),
        *measure.interval(arms, data, "mean", place, offset=down),
    )


def _differences(
    data: Sequence[Json], measure: _Measure, names: Sequence[str], left: int
) -> alt.LayerChart | alt.FacetChart:
    colours = palette(measure.look)
    pairs = table("pairs").encode(_rows("pair", names, left), color=alt.value(colours.ink))
    zero = table("zero").mark_rule(strokeDash=[2, 3], color=colours.faint).encode(measure.axis("zero"))
    place = alt.Tooltip("pair:N", title=label(measure.look, "pair"))
    return alt.layer(zero, *measure.interval(pairs, data, "difference", place, offset=0))


def _rows(name: str, names: Sequence[str], left: int) -> alt.Y:
    axis = alt.Axis(labelLimit=left, minExtent=left, maxExtent=left, grid=False)
    return alt.Y(f"{name}:N", title=None, axis=axis, scale=alt.Scale(domain=list(names)))
