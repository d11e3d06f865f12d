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
    """Return the exponential moving average of *losses*, with bias correction: divided by ``1 - factor**step``.

    Without the correction the average would start at zero. A loss that is not finite is left out of the average.

    Shapes:
        losses: (steps,) -> (steps,).
    """
    finite = np.isfinite(losses)
    count, ages = int(finite.sum()), np.arange(_BLOCK)
    blocks = np.zeros((math.ceil(count / _BLOCK), _BLOCK))  # a loop over steps would take a million steps of Python
    blocks.flat[:count] = np.asarray(losses, np.float64)[finite]
    sums = blocks @ np.tril(factor ** np.abs(np.subtract.outer(ages, ages))).T  # within each block
    ends = [*accumulate(sums[:, -1].tolist(), lambda before, end: before * factor**_BLOCK + end)]
    sums[1:] += np.outer(ends[:-1], factor ** (ages + 1))
    averages = sums.flat[:count] * (1 - factor) / (1 - factor ** np.arange(1, count + 1))
    result: NDArray[np.float64] = np.append(np.nan, averages)[finite.cumsum()]
    return result


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
    title = alt.Title("Loss of each step", subtitle=f"dark: smoothed, each step keeps {SMOOTHING:.0%} of the average")
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
