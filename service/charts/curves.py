"""Curves: the loss of each step, the metrics of each epoch, and one metric of several runs."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from service.charts.axes import MARGIN, robust_high, whole_axis
from service.charts.descriptions import Described, described
from service.charts.labels import label
from service.charts.request import Look
from service.charts.shares import value_tooltip, with_shown
from service.charts.style import DASHES, Drawing, fitted, has_bounds, palette, table

Json = dict[str, Any]

#: The least pixels for an epoch with a mark, and for one with a dot: closer marks would look like a barcode.
PIXELS_A_MARK, PIXELS_A_DOT = 32, 10

#: With more epochs, only every second, fifth, tenth, ... is marked.
INTERVALS: Sequence[int] = tuple(leading * 10**power for power in range(6) for leading in (1, 2, 5))

NARROW = 480  # pixels; the legend of a narrower image has one column


def curve(data: Json, look: Look) -> Drawing:
    """Return the chart of each step's loss (pale), its moving average, and rules at the ends of epochs.

    Args:
        data: ``points`` of ``step, epoch, loss, smooth``; the last steps of the epochs as ``marks``; ``log``; the test
            losses as ``tests`` of ``step, epoch, test_loss``; ``whole`` if no loss is cut off.
        look: The look of the chart.
    """
    colours, title = palette(look), label(look, "loss")
    every = marked_every(len(data["marks"]), look.width - MARGIN)
    marks = [{"step": step} for step in data["marks"][every - 1 :: every]]
    points, tests = _drawable(data), data.get("tests", [])
    steps = whole_axis("step", [point["step"] for point in points], look)
    high, y = _range_of_losses(data, tests), f"{title} · {label(look, 'log')}" if data["log"] else title
    cut = {"high": high, **data}
    line = table("points").encode(steps)
    tooltips = [_tooltip(look, name) for name in ("step", "epoch", "loss", "smooth")]
    layers = [
        table("marks").mark_rule(strokeDash=[2, 3], color=colours.faint, opacity=0.5).encode(steps),
        line.mark_line(opacity=0.35, strokeWidth=1, color=colours.lines[0], clip=True).encode(_loss("loss", y, cut)),
        line.mark_line(strokeWidth=2.2, color=colours.lines[0], clip=True).encode(_loss("smooth", y, cut)),
        *(_tests(steps, tests, y, cut, look) if tests else []),
        *([_pointer(line, tooltips, colours.faint)] if look.live else []),
    ]
    note = alt.TitleParams("", subtitle=label(look, "cut")) if high else alt.Undefined
    chart = fitted(alt.layer(*layers, title=note), look)
    text = described([Described(name=title, values=[point["smooth"] for point in data["points"]])], data, look)
    tables = {"points": points, "marks": marks, "tests": tests, "best": _lowest(tests)}
    return Drawing(chart=chart, tables=tables, description=text)


def _tests(steps: alt.X, tests: Sequence[Json], title: str, data: Json, look: Look) -> list[alt.Chart]:
    """Return the test loss at the end of each epoch, and a ring around the lowest."""
    colours = palette(look)
    tooltips = [_tooltip(look, name) for name in ("epoch", "test_loss")]
    line = table("tests").mark_line(
        strokeWidth=2, color=colours.lines[1], point={"color": colours.lines[1]} if _has_dots(tests, look) else False
    )
    ring = table("best").mark_point(size=130, color=colours.ink, strokeWidth=2)
    marked = [line, ring] if _lowest(tests) else [line]
    return [each.encode(steps, _loss("test_loss", title, data), tooltip=tooltips) for each in marked]


def _lowest(tests: Sequence[Json]) -> list[Json]:
    known = [row for row in tests if row["test_loss"] is not None]
    return [min(known, key=lambda row: row["test_loss"])] if known else []


def _range_of_losses(data: Json, tests: Sequence[Json] = ()) -> float | None:
    """Return where the axis of losses is cut, or None."""
    if data["log"] or data.get("whole"):
        return None
    points = data["points"]
    high = robust_high([point["loss"] for point in points], [point["smooth"] for point in points])
    return high and max([high, *(row["test_loss"] or 0 for row in tests)])


def epochs(data: Json, look: Look) -> Drawing:
    """Return the chart of metrics by epoch, such as the accuracy in training and test.

    Args:
        data: ``points`` of ``epoch`` and metrics; their names as ``metrics``; ``title``; ``share`` if percentages;
            ``log``.
        look: The look of the chart.
    """
    names = {metric: label(look, metric) for metric in data["metrics"]}
    rows = [
        {"epoch": point["epoch"], "figure": name, "value": point[metric]}
        for point in _drawable(data)
        for metric, name in names.items()
    ]
    title = label(look, data["title"])
    tooltips = [
        _tooltip(look, "epoch"),
        alt.Tooltip("figure:N", title=" "),
        value_tooltip("value", title, share=data["share"]),
    ]
    lines = table("points").mark_line(strokeWidth=2, point=_has_dots(data["points"], look))
    colour = _series("figure", list(names.values()), look)
    across = whole_axis("epoch", [row["epoch"] for row in rows], look)
    chart = lines.encode(across, _metric("value", title, data), colour, tooltip=tooltips)
    series = [Described(name=name, values=[each[metric] for each in data["points"]]) for metric, name in names.items()]
    return Drawing(
        chart=fitted(chart, look),
        tables={"points": with_shown(rows, "value", share=data["share"])},
        description=described(series, data, look),
    )


def compare(data: Json, look: Look) -> Drawing:
    """Return the chart of one metric of several runs.

    Args:
        data: ``runs`` of ``name`` and ``points``; ``metric``, such as "loss" of each step; ``share``; ``log``;
            ``place``, if the points have an ``x`` of their own that counts it.
        look: The look of the chart.
    """
    names, metric = [run["name"] for run in data["runs"]], data["metric"]
    rows, by_step, title = _rows(data), metric == "loss", label(look, metric)
    base = table("points").encode(_across(data, rows, look), *_distinguished("run", names, look))
    place = [alt.Tooltip("run:N", title=label(look, "run")), _tooltip(look, "step" if by_step else "epoch")]
    if by_step:
        pale = base.mark_line(strokeWidth=1, opacity=0.2).encode(_loss("loss", title, data))
        clear = base.mark_line(strokeWidth=2.2).encode(
            _loss("smooth", title, data), tooltip=[*place, _tooltip(look, "smooth")]
        )
        text = described(_series_of(data, "smooth"), data, look)
        return Drawing(chart=fitted(alt.layer(pale, clear), look), tables={"points": rows}, description=text)
    lines = base.mark_line(strokeWidth=2, point=all(_has_dots(run["points"], look) for run in data["runs"]))
    chart = lines.encode(
        _metric(metric, title, data), tooltip=[*place, value_tooltip(metric, title, share=data["share"])]
    )
    text = described(_series_of(data, metric), data, look)
    tables = {"points": with_shown(rows, metric, share=data["share"])}
    return Drawing(chart=fitted(chart, look), tables=tables, description=text)


def groups(data: Json, look: Look) -> Drawing:
    """Return the chart of one metric of groups of runs: the mean of each, and a band around it.

    Args:
        data: ``runs`` of ``name`` and ``points`` of ``mean, low, high`` by ``step`` or ``epoch``; ``metric``;
            ``share``; ``log``; ``band`` is ``interval`` if *low* and *high* are not of all runs, but of the mean;
            ``place`` as for `compare`.
        look: The look of the chart.
    """
    names, metric = [run["name"] for run in data["runs"]], data["metric"]
    rows, by_step, title = _rows(data), metric == "loss", label(look, metric)
    base = table("points").encode(_across(data, rows, look), *_distinguished("run", names, look))
    y = _loss if by_step else _metric
    ends = ("lower", "upper") if data.get("band") == "interval" else ("low", "high")
    words = {"mean": "mean", "low": ends[0], "high": ends[1]}
    tooltips = [value_tooltip(name, label(look, word), share=data["share"]) for name, word in words.items()]
    place = [alt.Tooltip("run:N", title=label(look, "run")), _tooltip(look, "step" if by_step else "epoch")]
    band = base.mark_area(opacity=0.2).encode(y("low", title, data), alt.Y2("high:Q"))
    lines = base.mark_line(
        strokeWidth=2.2, point=not by_step and all(_has_dots(run["points"], look) for run in data["runs"])
    )
    mean = lines.encode(y("mean", title, data), tooltip=[*place, *tooltips])
    text = described(_series_of(data, "mean"), data, look)
    tables = {"points": with_shown(rows, *words, share=data["share"])}
    layers = [band, mean] if has_bounds(rows) else [mean]
    return Drawing(chart=fitted(alt.layer(*layers), look), tables=tables, description=text)


def _rows(data: Json) -> list[Json]:
    """Return the points of all runs, with the run's name."""
    runs = data["runs"]
    return [
        {**point, "run": run["name"]}
        for run in runs
        for point in _drawable({**run, "log": data["log"] and not data["share"]})
    ]


def _series_of(data: Json, name: str) -> list[Described]:
    return [Described(name=run["name"], values=[point[name] for point in run["points"]]) for run in data["runs"]]


def _drawable(data: Json) -> list[Json]:
    """Return the points; on a logarithmic scale zeros become gaps."""
    points: list[Json] = data["points"]
    return (
        [{name: None if value == 0 else value for name, value in point.items()} for point in points]
        if data["log"]
        else points
    )


def _across(data: Json, rows: Sequence[Json], look: Look) -> alt.X:
    """Return the x axis of compared runs: steps or epochs, or what ``place`` of the data says."""
    place: str | None = data.get("place")
    if place is None:
        name = "step" if data["metric"] == "loss" else "epoch"
        return whole_axis(name, [row[name] for row in rows], look)
    axis = alt.Axis(grid=False, tickMinStep=0.1 if place == "seconds" else 1, tickCount=8, format="~s")
    title = label(look, "images_seen" if place == "images" else place)
    return alt.X("x:Q", title=title, axis=axis, scale=alt.Scale(nice=False))


def _loss(name: str, title: str, data: Json) -> alt.Y:
    if data["log"]:
        return alt.Y(f"{name}:Q", title=title, scale=alt.Scale(type="log"), axis=alt.Axis(format="~g", tickCount=6))
    ends = {"domainMax": data["high"]} if data.get("high") else {}
    scale = alt.Scale(zero=True, **ends)
    return alt.Y(f"{name}:Q", title=title, scale=scale, axis=alt.Axis(format=",f", tickCount=6))


def _metric(name: str, title: str, data: Json) -> alt.Y:
    if data["log"] and not data["share"]:
        return _loss(name, title, data)
    axis = alt.Axis(format="%" if data["share"] else ",f", tickCount=6)
    return alt.Y(f"{name}:Q", title=title, scale=alt.Scale(zero=False), axis=axis)


def _series(name: str, values: Sequence[str], look: Look) -> alt.Color:
    legend = alt.Legend(columns=1 if look.width < NARROW else 3, symbolOpacity=1, symbolType="stroke")
    return alt.Color(f"{name}:N", title=None, scale=alt.Scale(domain=list(values)), legend=legend)


def _distinguished(name: str, values: Sequence[str], look: Look) -> list[alt.Color | alt.StrokeDash]:
    """Distinguish series by colour, and with more series than colours by dashes, too."""
    colours = len(palette(look).lines)
    if len(values) <= colours:
        return [_series(name, values, look)]
    dashes = [DASHES[number // colours % len(DASHES)] for number in range(len(values))]
    scale = alt.Scale(domain=list(values), range=dashes)
    return [_series(name, values, look), alt.StrokeDash(f"{name}:N", title=None, scale=scale)]


def _tooltip(look: Look, name: str) -> alt.Tooltip:
    return alt.Tooltip(f"{name}:Q", title=label(look, name), format="d" if name in {"step", "epoch"} else ".4~g")


def marked_every(epochs: int, pixels: int) -> int:
    """Return 1 if the marks of all *epochs* have room on so many pixels, else that every 2nd, 5th, ... has one."""
    most = max(1, pixels // PIXELS_A_MARK)
    return next(number for number in INTERVALS if epochs <= most * number)


def _has_dots(points: Sequence[Json], look: Look) -> bool:
    return len(points) * PIXELS_A_DOT <= look.width - MARGIN


def _pointer(line: alt.Chart, tooltips: list[alt.Tooltip], colour: str) -> alt.Chart:
    """Return a rule that follows the pointer from step to step, with tooltips."""
    nearest = alt.selection_point(
        name="nearest", nearest=True, on="pointermove", fields=["step"], empty=False, clear="pointerout"
    )
    opacity = alt.condition(nearest, alt.value(0.5), alt.value(0))
    rule: alt.Chart = line.mark_rule(color=colour).encode(opacity=opacity, tooltip=tooltips).add_params(nearest)
    return rule
