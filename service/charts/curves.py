"""Curves: the loss of each step, the figures of each epoch, and several runs over each other."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from service.charts.request import Look
from service.charts.style import DASHES, Drawing, fitted, palette, table
from service.charts.words import say

Json = dict[str, Any]

#: How many epochs are marked in a curve of steps, or shown as dots, before they crowd it.
FEW = 60

#: Of more epochs than that, one in so many is marked.
ROUND = tuple(leading * 10**power for power in range(6) for leading in (1, 2, 5))

PHONE = 480  # in pixels: narrower pictures have their legends in one column


def curve(data: Json, look: Look) -> Drawing:
    """The loss of each step, pale, with its moving average over it, and the ends of the epochs.

    Args:
        data: ``points`` of ``step, epoch, loss, smooth``; the last steps of the epochs as ``marks``; ``log``.
        look: How it is to look.
    """
    colours, title = palette(look), say(look, "loss")
    every = next(number for number in ROUND if len(data["marks"]) <= FEW * number)
    marks = [{"step": step} for step in data["marks"][every - 1 :: every]]
    line = table("points").encode(_steps(look))
    told = [_told(look, name) for name in ("step", "epoch", "loss", "smooth")]
    layers = [
        table("marks").mark_rule(strokeDash=[2, 3], color=colours.faint, opacity=0.5).encode(_steps(look)),
        line.mark_line(opacity=0.35, strokeWidth=1, color=colours.lines[0]).encode(_loss("loss", title, data)),
        line.mark_line(strokeWidth=2.2, color=colours.lines[0]).encode(_loss("smooth", title, data)),
        *([_pointer(line, told, colours.faint)] if look.live else []),
    ]
    return Drawing(chart=fitted(alt.layer(*layers), look), tables={"points": _drawable(data), "marks": marks})


def epochs(data: Json, look: Look) -> Drawing:
    """Figures by epoch, such as accuracy in training and test.

    Args:
        data: ``points`` of ``epoch`` and the ``figures``, which are named; ``title``; whether they are a ``share``.
        look: How it is to look.
    """
    names = {figure: say(look, figure) for figure in data["figures"]}
    rows = [
        {"epoch": point["epoch"], "figure": name, "value": point[figure]}
        for point in data["points"]
        for figure, name in names.items()
    ]
    title = say(look, data["title"])
    told = [_told(look, "epoch"), alt.Tooltip("figure:N", title=" "), _value("value", title, data)]
    lines = table("points").mark_line(strokeWidth=2, point=_few(data["points"]))
    colour = _series("figure", list(names.values()), look)
    chart = lines.encode(_epochs(look), _figure("value", title, data), colour, tooltip=told)
    return Drawing(chart=fitted(chart, look), tables={"points": rows})


def compare(data: Json, look: Look) -> Drawing:
    """The same figure of several runs.

    Args:
        data: ``runs`` of ``name`` and ``points``; ``figure``, "loss" for that of each step; ``share``, ``log``.
        look: How it is to look.
    """
    names, figure = [run["name"] for run in data["runs"]], data["figure"]
    rows = [{**point, "run": run["name"]} for run in data["runs"] for point in _drawable({**run, "log": data["log"]})]
    by_step, title = figure == "loss", say(look, figure)
    base = table("points").encode(_steps(look) if by_step else _epochs(look), *_told_apart("run", names, look))
    where = [alt.Tooltip("run:N", title=say(look, "run")), _told(look, "step" if by_step else "epoch")]
    if by_step:
        pale = base.mark_line(strokeWidth=1, opacity=0.2).encode(_loss("loss", title, data))
        clear = base.mark_line(strokeWidth=2.2).encode(
            _loss("smooth", title, data), tooltip=[*where, _told(look, "smooth")]
        )
        return Drawing(chart=fitted(alt.layer(pale, clear), look), tables={"points": rows})
    lines = base.mark_line(strokeWidth=2, point=all(_few(run["points"]) for run in data["runs"]))
    chart = lines.encode(_figure(figure, title, data), tooltip=[*where, _value(figure, title, data)])
    return Drawing(chart=fitted(chart, look), tables={"points": rows})


def _drawable(data: Json) -> list[Json]:
    """The points, with gaps where a logarithm would be of nothing."""
    points: list[Json] = data["points"]
    return (
        [{name: None if value == 0 else value for name, value in point.items()} for point in points]
        if data["log"]
        else points
    )


def _steps(look: Look) -> alt.X:
    axis = alt.Axis(grid=False, tickMinStep=1, tickCount=8, format=",d")
    return alt.X("step:Q", title=say(look, "step"), axis=axis, scale=alt.Scale(nice=False))


def _epochs(look: Look) -> alt.X:
    axis = alt.Axis(grid=False, tickMinStep=1, format="d")
    return alt.X("epoch:Q", title=say(look, "epoch"), axis=axis, scale=alt.Scale(nice=False, zero=False))


def _loss(name: str, title: str, data: Json) -> alt.Y:
    scale = alt.Scale(type="log") if data["log"] else alt.Scale(zero=True)
    return alt.Y(f"{name}:Q", title=title, scale=scale, axis=alt.Axis(format="~g", tickCount=6))


def _figure(name: str, title: str, data: Json) -> alt.Y:
    axis = alt.Axis(format=".1~%" if data["share"] else "~g")
    return alt.Y(f"{name}:Q", title=title, scale=alt.Scale(zero=False), axis=axis)


def _series(name: str, values: Sequence[str], look: Look) -> alt.Color:
    legend = alt.Legend(columns=1 if look.width < PHONE else 3, symbolOpacity=1, symbolType="stroke")
    return alt.Color(f"{name}:N", title=None, scale=alt.Scale(domain=list(values)), legend=legend)


def _told_apart(name: str, values: Sequence[str], look: Look) -> list[alt.Color | alt.StrokeDash]:
    """Series by their colours, and where there are more series than colours, by their dashes too."""
    colours = len(palette(look).lines)
    if len(values) <= colours:
        return [_series(name, values, look)]
    dashes = [DASHES[number // colours] for number in range(len(values))]
    scale = alt.Scale(domain=list(values), range=dashes)
    return [_series(name, values, look), alt.StrokeDash(f"{name}:N", title=None, scale=scale)]


def _told(look: Look, name: str) -> alt.Tooltip:
    return alt.Tooltip(f"{name}:Q", title=say(look, name), format="d" if name in {"step", "epoch"} else ".4~g")


def _value(name: str, title: str, data: Json) -> alt.Tooltip:
    return alt.Tooltip(f"{name}:Q", title=title, format=".2%" if data["share"] else ".4~g")


def _few(points: Sequence[Json]) -> bool:
    return len(points) <= FEW


def _pointer(line: alt.Chart, told: list[alt.Tooltip], colour: str) -> alt.Chart:
    """A rule that follows the pointer from step to step, and tells what is there."""
    nearest = alt.selection_point(
        name="nearest", nearest=True, on="pointermove", fields=["step"], empty=False, clear="pointerout"
    )
    seen = alt.condition(nearest, alt.value(0.5), alt.value(0))
    rule: alt.Chart = line.mark_rule(color=colour).encode(opacity=seen, tooltip=told).add_params(nearest)
    return rule
