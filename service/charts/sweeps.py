"""The charts of a sweep: the best so far, a curve of each parameter, and parallel coordinates."""

from typing import Any

import altair as alt

from service.charts.descriptions import Described, described
from service.charts.labels import label
from service.charts.request import Look
from service.charts.shares import value_tooltip, with_shown
from service.charts.style import Drawing, fitted, has_bounds, palette, table
from service.messages import formatted

Json = dict[str, Any]

#: The smallest width of a parameter's panel, and the room for its axes and its title, in pixels.
PANEL, ACROSS, DOWN = 190, 66, 72


def best_so_far(data: Json, look: Look) -> Drawing:
    """Return the mean of each arm, in the order of the sweep, and a line at the best one so far.

    Args:
        data: ``points`` of ``place, arm, mean, best_arm, best``; ``metric``; ``share`` if it is a percentage.
        look: The look of the chart.
    """
    colours = palette(look)
    axis = alt.Axis(grid=False, tickMinStep=1, format="d")
    base = table("points").encode(
        alt.X("place:Q", title=label(look, "arms"), axis=axis, scale=alt.Scale(nice=False, zero=False))
    )
    arm = alt.Tooltip("arm:N", title=label(look, "arm"))
    best = [alt.Tooltip("best_arm:N", title=label(look, "best")), _tooltip("best", label(look, "mean"), data)]
    means = base.mark_circle(size=46, opacity=0.6, color=colours.faint).encode(
        _metric("mean", look, data), tooltip=[arm, _tooltip("mean", label(look, "mean"), data), *best]
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=2.2, color=colours.lines[0]).encode(
        _metric("best", look, data), tooltip=best
    )
    tables = {"points": with_shown(data["points"], "mean", "best", share=data["share"])}
    text = described([_means(label(look, data["metric"]), data["points"])], data, look)
    return Drawing(chart=fitted(alt.layer(means, line), look), tables=tables, description=text)


def effects(data: Json, look: Look) -> Drawing:
    """Return a panel for each parameter: the mean at each value with its band, and each arm as a dot.

    Args:
        data: ``effects`` of ``label``, ``importance``, ``numeric``, ``log``, ``points`` of ``value, mean, low, high``
            and ``arms`` of ``value, arm, mean``; ``metric``; ``share``.
        look: The look of the chart.
    """
    found = data["effects"]
    columns = max(1, min(len(found), look.width // (PANEL + ACROSS)))
    rows = -(-len(found) // columns)
    size = {"width": look.width // columns - ACROSS, "height": max(60, look.height // max(rows, 1) - DOWN)}
    panels = [_effect(number, effect, data, look).properties(**size) for number, effect in enumerate(found)]
    chart = alt.concat(*panels, columns=columns).resolve_scale(x="independent", y="shared")
    shown = {"points": ("mean", "low", "high"), "arms": ("mean",)}
    tables = {
        f"{kind} {number}": with_shown(effect[kind], *fields, share=data["share"])
        for number, effect in enumerate(found)
        for kind, fields in shown.items()
    }
    text = described([_means(effect["label"], effect["points"]) for effect in found], data, look)
    return Drawing(chart=chart, tables=tables, description=text)


def parallel(data: Json, look: Look) -> Drawing:
    """Return a line for each arm, through its value of each parameter and its metric: the better, the stronger.

    Args:
        data: ``axes`` of ``name`` and ``ticks`` of ``place`` (0 to 1) and ``value``; ``points`` of ``arm, axis, place,
            good`` (0 to 1) and ``mean``; the last axis, without a name, is that of the ``metric``; ``share``.
        look: The look of the chart.
    """
    colours = palette(look)
    names = [axis["name"] or label(look, data["metric"]) for axis in data["axes"]]
    ticks = [
        {
            "axis": name,
            "place": tick["place"],
            "text": _text(tick["value"], look, percent=data["share"] and not axis["name"]),
        }
        for name, axis in zip(names, data["axes"], strict=True)
        for tick in axis["ticks"]
    ]
    points = [{**point, "axis": names[point["axis"]], "order": point["axis"]} for point in data["points"]]
    top = alt.Axis(orient="top", labelAngle=0, grid=True, labelPadding=12, labelLimit=look.width // max(len(names), 1))
    across = alt.X("axis:N", title=None, sort=names, axis=top, scale=alt.Scale(domain=names))
    place = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    heat = alt.Scale(domain=[0, 1], interpolate="rgb", range=[colours.grid, colours.lines[0]])
    lines = table("points").mark_line(strokeWidth=1.8, opacity=0.8)
    tooltips = [alt.Tooltip("arm:N", title=label(look, "arm")), _tooltip("mean", label(look, data["metric"]), data)]
    marks = table("ticks").mark_text(align="left", dx=6, color=colours.ink, fontSize=10, strokeWidth=0)
    layers = (
        lines.encode(
            across, place, alt.Color("good:Q", scale=heat, legend=None), alt.Detail("arm:N"), alt.Order("order:Q"),
            tooltip=tooltips,
        ),
        marks.encode(across, place, alt.Text("text:N")),
    )  # fmt: skip
    text = described([_means(label(look, data["metric"]), _last(points))], data, look)
    tables = {"points": with_shown(points, "mean", share=data["share"]), "ticks": ticks}
    return Drawing(chart=fitted(alt.layer(*layers), look), tables=tables, description=text)


def _last(points: list[Json]) -> list[Json]:
    """Return the points of the last axis: one for each arm."""
    return [point for point in points if point["order"] == points[-1]["order"]]


def _means(name: str, points: list[Json]) -> Described:
    return Described(name=name, values=[point["mean"] for point in points])


def _effect(number: int, effect: Json, data: Json, look: Look) -> alt.LayerChart | alt.FacetChart:
    colours = palette(look)
    across, points = _across(effect), table(f"points {number}")
    value = alt.Tooltip("value:Q", title=effect["label"], format=".4~g") if effect["numeric"] else "value:N"
    names = {"mean": "mean", "low": "lower", "high": "upper"}
    tooltips = [value, *(_tooltip(name, label(look, word), data) for name, word in names.items())]
    spots = table(f"arms {number}").mark_circle(size=26, opacity=0.5, color=colours.faint)
    band = points.mark_area(opacity=0.2) if effect["numeric"] else points.mark_rule(strokeWidth=2.4)
    mean = (
        points.mark_line(strokeWidth=2.2, point=True) if effect["numeric"] else points.mark_point(size=64, filled=True)
    )
    arm = [alt.Tooltip("arm:N", title=label(look, "arm")), _tooltip("mean", label(look, "mean"), data)]
    one = alt.value(colours.lines[0])
    layers = [
        spots.encode(across, _metric("mean", look, data), tooltip=arm),
        band.encode(across, _metric("low", look, data), alt.Y2("high:Q"), color=one, tooltip=tooltips),
        mean.encode(across, _metric("mean", look, data), color=one, tooltip=tooltips),
    ]
    if not has_bounds(effect["points"]):
        del layers[1]
    return alt.layer(*layers).properties(title=_title(effect, look))


def _title(effect: Json, look: Look) -> alt.TitleParams:
    if effect["importance"] is None:
        return alt.TitleParams(effect["label"])
    share = label(look, "importance", share=formatted(effect["importance"], ".0%", look.language))
    return alt.TitleParams(effect["label"], subtitle=share)


def _across(effect: Json) -> alt.X:
    if not effect["numeric"]:
        order = [point["value"] for point in effect["points"]]
        return alt.X("value:N", title=None, sort=order, axis=alt.Axis(labelAngle=0, labelLimit=PANEL // 2))
    scale = alt.Scale(type="log") if effect["log"] else alt.Scale(zero=False)
    axis = alt.Axis(grid=False, format="~r", tickCount=5, labelOverlap="greedy")
    return alt.X("value:Q", title=None, scale=scale, axis=axis)


def _metric(name: str, look: Look, data: Json) -> alt.Y:
    axis = alt.Axis(format=".2~%" if data["share"] else "~r", tickCount=5)
    return alt.Y(f"{name}:Q", title=label(look, data["metric"]), scale=alt.Scale(zero=False), axis=axis)


def _tooltip(name: str, title: str, data: Json) -> alt.Tooltip:
    return value_tooltip(name, title, share=data["share"])


def _text(value: Any, look: Look, *, percent: bool) -> str:
    return value if isinstance(value, str) else formatted(value, ".2%" if percent else ".3g", look.language)
