"""Axes: whole numbers for steps and epochs, and a range of losses that the steep first steps do not flatten.

The page's plots have the same rules, in `plots/scale.js`.
"""

import math
from collections.abc import Sequence

import altair as alt

from service.charts.labels import label
from service.charts.request import Look

PIXELS_A_TICK = 80

#: The pixels of an image beside its axes.
MARGIN = 70

#: The share of losses below the end of a linear axis, before it gets some room; and when the axis is cut at all.
SHOWN_SHARE, ROOM, CUT_BELOW = 0.96, 1.15, 0.6


def whole_axis(name: str, numbers: Sequence[int], look: Look) -> alt.X:
    """Return the axis of steps or epochs: ticks at the first, the last, and round numbers between them."""
    low, high = (min(numbers), max(numbers)) if numbers else (1, 1)
    ticks = whole_ticks(low, high, max(2, (look.width - MARGIN) // PIXELS_A_TICK))
    domain = [low, high] if low < high else [low - 0.5, high + 0.5]
    axis = alt.Axis(grid=False, values=ticks, format=",d", labelFlush=True)
    return alt.X(f"{name}:Q", title=label(look, name), axis=axis, scale=alt.Scale(domain=domain, nice=False))


def whole_ticks(low: int, high: int, count: int) -> list[int]:
    """Return whole numbers from *low* to *high*: both, and about *count* round ones with room for their labels."""
    if low >= high:
        return [high]
    rough = (high - low) / count
    power = 10 ** math.floor(math.log10(rough))
    step = max(1, round(next(factor * power for factor in (1, 2, 5, 10) if rough <= factor * power * (1 + 1e-9))))
    room = rough * 0.6
    between = [tick for tick in range(step, high, step) if low + room < tick < high - room]
    return [low, *between, high]


def robust_high(losses: Sequence[float | None], smooth: Sequence[float | None]) -> float | None:
    """Return where a linear axis ends so that the first steps do not flatten the rest, or None to show all losses.

    The newest half of the smoothed curve is always below it.
    """
    known = sorted(loss for loss in losses if loss is not None and math.isfinite(loss))
    if not known:
        return None
    newest = [value for value in smooth[len(smooth) // 2 :] if value is not None and math.isfinite(value)]
    high = ROOM * max(known[min(len(known) - 1, int(SHOWN_SHARE * len(known)))], *newest, 0)
    return high if high < CUT_BELOW * known[-1] else None
