"""Histograms of each layer's weights: at one checkpoint, and over the epochs."""

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import altair as alt

from service.charts.labels import label
from service.charts.request import Look
from service.charts.style import Drawing, palette, table
from service.messages import formatted

Json = dict[str, Any]

#: The smallest width of a layer's panel, and the width of its axis, in pixels.
PANEL, AXIS = 200, 80

#: The name of a layer's table.
NAME = "layer {}"

_AXIS = alt.Axis(grid=False, tickCount=5, format="~r")


def histograms(data: Json, look: Look) -> Drawing:
    """Return one histogram a layer.

    Args:
        data: ``layers``, each with ``edges`` (n + 1) and ``shares`` (n) of its weights.
        look: The look of the chart.
    """
    layers = data["layers"]
    return Drawing(
        chart=_beside(len(layers), look, _bars),
        tables=_named([_bins(one["edges"], one["shares"]) for one in layers]),
        description=_described(layers, look, _weights),
    )


def weight_history(data: Json, look: Look) -> Drawing:
    """Return one heat map a layer: each column is the histogram of one epoch.

    Args:
        data: ``layers``, each with ``edges`` (n + 1) and ``columns`` of ``since``, ``epoch`` and ``shares`` (n).
        look: The look of the chart.
    """
    layers = data["layers"]
    return Drawing(
        chart=_beside(len(layers), look, _columns),
        tables=_named([_cells(one) for one in layers]),
        description=_described(layers, look, _epochs),
    )


def _described(layers: Sequence[Json], look: Look, sentence: Callable[[Json, Look, str], str]) -> str:
    """Return a sentence for each layer: the text alternative of the chart."""
    names = (label(look, "layer", number=number) for number in range(1, len(layers) + 1))
    return " ".join(filter(None, (sentence(one, look, name) for one, name in zip(layers, names, strict=True))))


def _weights(layer: Json, look: Look, name: str) -> str:
    edges, filled = layer["edges"], [place for place, share in enumerate(layer["shares"]) if share > 0]
    ends = {"first": edges[filled[0]], "last": edges[filled[-1] + 1]} if filled else {"first": 0, "last": 0}
    return label(look, "described_weights", layer=name, **_texts(ends | _middle_half(edges, layer["shares"]), look))


def _epochs(layer: Json, look: Look, name: str) -> str:
    if not layer["columns"]:
        return ""
    first, last = (_middle_half(layer["edges"], layer["columns"][place]["shares"]) for place in (0, -1))
    numbers = first | {f"last_{end}": value for end, value in last.items()}
    epoch = layer["columns"][-1]["epoch"]
    return label(look, "described_epochs", layer=name, epoch=epoch, **_texts(numbers, look))


def _middle_half(edges: Sequence[float], shares: Sequence[float]) -> dict[str, float]:
    """Return between which edges of the bins the middle half of the weights lies."""
    sums = list(accumulate(shares))
    low, high = (bisect(sums, quarter * sums[-1]) for quarter in (0.25, 0.75))
    return {"low": edges[min(low, len(shares) - 1)], "high": edges[min(high + 1, len(shares))]}


def _texts(numbers: Mapping[str, float], look: Look) -> dict[str, str]:
    return {name: formatted(number, ".3g", look.language) for name, number in numbers.items()}


def _beside(count: int, look: Look, panel: Callable[[str, Look], alt.Chart]) -> alt.TopLevelMixin:
    """Return a panel for each layer, as many in a row as fit."""
    columns = max(1, min(count, look.width // (PANEL + AXIS)))
    rows = -(-count // columns)
    size = {"width": look.width // columns - AXIS, "height": max(80, look.height // rows - AXIS)}
    titled = {number: label(look, "layer", number=number) for number in range(1, count + 1)}
    panels = [panel(NAME.format(number), look).properties(title=title, **size) for number, title in titled.items()]
    whole: alt.TopLevelMixin = alt.concat(*panels, columns=columns).resolve_scale(color="independent")
    return whole


def _named(layers: Sequence[list[Json]]) -> dict[str, list[Json]]:
    return {NAME.format(number): rows for number, rows in enumerate(layers, 1)}


def _bars(name: str, look: Look) -> alt.Chart:
    bars: alt.Chart = (
        table(name)
        .mark_bar(binSpacing=0.5, color=palette(look).lines[0])
        .encode(
            alt.X("low:Q", bin="binned", title=label(look, "weight"), axis=_AXIS),
            alt.X2("high:Q"),
            alt.Y("share:Q", title=label(look, "density"), axis=alt.Axis(format="~%", tickCount=4)),
            tooltip=_tooltips(look),
        )
    )
    return bars


def _columns(name: str, look: Look) -> alt.Chart:
    heat = alt.Scale(type="sqrt", interpolate="rgb", range=[palette(look).panel, palette(look).lines[0]])
    across = alt.Axis(grid=False, tickMinStep=1, format="d")
    columns: alt.Chart = (
        table(name)
        .mark_rect()
        .encode(
            alt.X("since:Q", title=label(look, "epoch"), axis=across, scale=alt.Scale(nice=False, zero=False)),
            alt.X2("epoch:Q"),
            alt.Y("low:Q", title=label(look, "weight"), axis=_AXIS),
            alt.Y2("high:Q"),
            alt.Color("share:Q", scale=heat, legend=None),
            tooltip=[alt.Tooltip("epoch:Q", title=label(look, "epoch"), format="d"), *_tooltips(look)],
        )
    )
    return columns


def _cells(layer: Json) -> list[Json]:
    return [
        {**cell, "since": column["since"], "epoch": column["epoch"]}
        for column in layer["columns"]
        for cell in _bins(layer["edges"], column["shares"])
        if cell["share"] > 0
    ]


def _bins(edges: Sequence[float], shares: Sequence[float]) -> list[Json]:
    return [
        {"low": low, "high": high, "share": share} for (low, high), share in zip(pairwise(edges), shares, strict=True)
    ]


def _tooltips(look: Look) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("low:Q", title="≥", format=".3~g"),
        alt.Tooltip("high:Q", title="<", format=".3~g"),
        alt.Tooltip("share:Q", title=label(look, "density"), format=".2%"),
    ]
