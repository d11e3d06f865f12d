"""Draws a run with Altair: the loss of each step, smoothed, and the metrics after each epoch."""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.95
_BLOCK = 64
_MOST_POINTS = 2000
_MOST_TICKS = 12
_WIDTH, _HEIGHT = 560, 220
_INK, _FAINT = "#4338ca", "#a5a1ff"


def smoothed(losses: NDArray[Any], factor: float = SMOOTHING) -> NDArray[np.float64]:
    """Return a moving average of *losses*, over about the last tenth of the steps so far and at most a fixed number.

    Each average keeps the share ``min(factor, (step - 1) / (step + 9))`` of the one before. The growing share is
    polynomial-decay averaging (Shamir and Zhang, 2013): a constant one would remember the steep first steps, also with
    bias correction, and draw the line above all points around it. A loss that is not finite is left out.

    Shapes:
        losses: (steps,) -> (steps,).
    """
    finite = np.isfinite(losses)
    values = np.asarray(losses, np.float64)[finite]
    steps = np.arange(1, len(values) + 1)
    growing = int(((steps - 1) / (steps + 9) < factor).sum())
    first = _averaged_while_the_share_grows(values[:growing], steps[:growing])
    rest = _averaged_with_a_constant_share(values[growing:], factor, first[-1] if growing else 0.0)
    result: NDArray[np.float64] = np.concatenate(([np.nan], first, rest))[finite.cumsum()]
    return result


def _averaged_while_the_share_grows(values: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the averages: the share makes the weight of step i proportional to ``i (i + 1) ... (i + 8)``."""
    weights = np.prod(steps[:, None] + np.arange(9.0), axis=1)
    averages: NDArray[np.float64] = np.cumsum(weights * values) * 10 / (weights * (steps + 9))
    return averages


def _averaged_with_a_constant_share(values: NDArray[np.float64], factor: float, before: float) -> NDArray[np.float64]:
    """Return the averages after *before*, in blocks: a loop over a million steps would take a second of Python."""
    ages = np.arange(_BLOCK)
    blocks = np.zeros((math.ceil(len(values) / _BLOCK), _BLOCK))
    blocks.flat[: len(values)] = values
    sums = (1 - factor) * blocks @ np.tril(factor ** np.abs(np.subtract.outer(ages, ages))).T  # within each block
    ends = accumulate(sums[:, -1].tolist(), lambda start, end: start * factor**_BLOCK + end, initial=before)
    sums += np.outer([*ends][:-1], factor ** (ages + 1))
    return sums.flat[: len(values)]


def thinned(losses: NDArray[Any], most: int = _MOST_POINTS) -> NDArray[np.int64]:
    """Return the positions of at most *most* losses: the first, the last, and the extremes of equal parts.

    Shapes:
        losses: (steps,) -> (points,), ascending.
    """
    if len(losses) <= most:
        return np.arange(len(losses))
    parts = np.array_split(np.arange(len(losses)), most // 2 - 1)
    extremes = [part[choose(losses[part])] for part in parts for choose in (np.argmin, np.argmax)]
    return np.unique([0, *extremes, len(losses) - 1])


def training_curves(losses: NDArray[Any], epochs: Sequence[Mapping[str, Any]], *, log: bool) -> Any:
    """Return the chart of a run: losses above and, if there are epochs, accuracies below.

    Args:
        losses: The loss of each step.
        epochs: A row for each epoch, with ``epoch``, ``step`` and metrics.
        log: Whether the axis of the loss is logarithmic.
    """
    import altair as alt  # noqa: PLC0415 -- takes half a second, which only a plot should cost

    charts = [_losses(losses, log=log), *([_accuracies(epochs)] if epochs else [])]
    return alt.vconcat(*charts).resolve_scale(color="independent").configure_view(stroke=None)


def _losses(losses: NDArray[Any], *, log: bool) -> Any:
    import altair as alt  # noqa: PLC0415 -- likewise

    shown, average = thinned(losses), smoothed(losses)
    rows = [
        {"step": int(i) + 1, "loss": _number(losses[i]), "smoothed": _number(average[i])}
        for i in shown
        if not log or (losses[i] > 0 and average[i] > 0)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        alt.X("step:Q", title="step", scale=alt.Scale(nice=False)),
        tooltip=["step:Q", alt.Tooltip("loss:Q", format=".4f")],
    )
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False)
    each = base.mark_line(color=_FAINT, strokeWidth=1).encode(alt.Y("loss:Q", title="loss", scale=scale))
    smooth = base.mark_line(color=_INK, strokeWidth=2).encode(alt.Y("smoothed:Q", title="loss", scale=scale))
    smoothing = f"dark: smoothed over the last tenth of the steps, at most about {1 / (1 - SMOOTHING):.0f}"
    title = alt.Title("Loss of each step", subtitle=smoothing)
    return alt.layer(each, smooth, title=title).properties(width=_WIDTH, height=_HEIGHT)


def _accuracies(epochs: Sequence[Mapping[str, Any]]) -> Any:
    import altair as alt  # noqa: PLC0415 -- likewise

    rows = [
        {"epoch": row["epoch"], "images": name.removesuffix("_accuracy"), "accuracy": _number(value)}
        for row in epochs
        for name, value in row.items()
        if name.endswith("_accuracy")
    ]
    numbers = [row["epoch"] for row in epochs][:: math.ceil(len(epochs) / _MOST_TICKS)]
    title = alt.Title("Accuracy of each epoch", subtitle="train: of each batch before the step that learns from it")
    return (
        alt.Chart(alt.InlineData(values=rows), title=title)
        .mark_line(point=True)
        .encode(
            alt.X("epoch:Q", title="epoch", axis=alt.Axis(values=numbers, format="d"), scale=alt.Scale(zero=False)),
            alt.Y("accuracy:Q", axis=alt.Axis(format=".1%"), scale=alt.Scale(zero=False)),
            alt.Color("images:N", title=None),
            tooltip=["images:N", "epoch:Q", alt.Tooltip("accuracy:Q", format=".2%")],
        )
        .properties(width=_WIDTH, height=_HEIGHT)
    )


def _number(value: float) -> float | None:
    """Return a number that JSON can hold; a chart leaves a gap for None."""
    return float(value) if np.isfinite(value) else None
