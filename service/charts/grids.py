"""Charts that are grids: the confusion matrix, and the weights into each unit as images."""

import textwrap
from typing import Any

import altair as alt

from service.charts.labels import label
from service.charts.request import Look
from service.charts.style import Drawing, fitted, palette, table
from service.messages import formatted

Json = dict[str, Any]

TILE, GAP = 56, 6  # the size of a unit's image and the space between images, in pixels
TITLE, CHARACTER = 12, 7  # the font size of the confusion matrix's title, and the width of its letters, in pixels


def confusion(data: Json, look: Look) -> Drawing:
    """Return the confusion matrix: right predictions on the diagonal, mistakes coloured by their number.

    Args:
        data: ``confusion``, one row of counts a label; ``accuracy``; ``samples``.
        look: The look of the chart.
    """
    colours = palette(look)
    cells = [
        {"label": label, "read": digit, "count": count, "right": label == digit}
        for label, counts in enumerate(data["confusion"])
        for digit, count in enumerate(counts)
    ]
    most = max([cell["count"] for cell in cells if not cell["right"]], default=0)
    heat = alt.Scale(type="sqrt", interpolate="rgb", range=[colours.panel, colours.lines[1]], domain=[0, max(most, 1)])
    base = table("cells").encode(
        alt.X("read:O", title=label(look, "predicted"), axis=alt.Axis(orient="top", labelAngle=0)),
        alt.Y("label:O", title=label(look, "label")),
        tooltip=[
            alt.Tooltip("label:O", title=label(look, "label")),
            alt.Tooltip("read:O", title=label(look, "predicted")),
            alt.Tooltip("count:Q", title=label(look, "count"), format=","),
        ],
    )
    wrong = base.transform_filter("!datum.right && datum.count > 0").mark_rect(cornerRadius=3, opacity=0.6)
    right = base.transform_filter("datum.right").mark_rect(cornerRadius=3, color=colours.lines[0], opacity=0.22)
    counts = base.transform_filter("datum.count > 0").mark_text(color=colours.ink, fontSize=11)
    layers = (
        wrong.encode(alt.Color("count:Q", scale=heat, legend=None)),
        right,
        counts.encode(alt.Text("count:Q", format=",")),
    )
    chart = fitted(alt.layer(*layers).properties(title=_title(data, look)), look)
    return Drawing(chart=chart, tables={"cells": cells})


def _title(data: Json, look: Look) -> alt.TitleParams:
    share = formatted(data["accuracy"], ".2%", look.language)
    samples = formatted(data["samples"], ",", look.language)
    lines = textwrap.wrap(label(look, "read", share=share, samples=samples), look.width // CHARACTER)
    return alt.TitleParams(lines, fontWeight="normal", fontSize=TITLE, color=palette(look).faint)


def units(data: Json, look: Look) -> Drawing:
    """Return the weights into each unit of the first layer as images: positive ones orange, negative ones blue.

    Args:
        data: ``units`` of ``unit``, ``bias`` and ``png``, a data URL.
        look: The look of the chart.
    """
    columns = max(1, (look.width - GAP) // (TILE + GAP))
    tiles = [{**unit, "column": place % columns, "row": place // columns} for place, unit in enumerate(data["units"])]
    across, down = max(min(columns, len(tiles)), 1), max(-(-len(tiles) // columns), 1)
    pictures = table("tiles").mark_image(width=TILE, height=TILE)
    chart = pictures.encode(
        alt.X("column:Q", axis=None, scale=alt.Scale(domain=[-0.5, across - 0.5], nice=False, zero=False)),
        alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[down - 0.5, -0.5], nice=False, zero=False)),
        url="png:N",
        tooltip=[
            alt.Tooltip("unit:Q", title=label(look, "unit")),
            alt.Tooltip("bias:Q", title=label(look, "bias"), format=".4~g"),
        ],
    ).properties(width=across * (TILE + GAP), height=down * (TILE + GAP))
    return Drawing(chart=chart, tables={"tiles": tiles})
