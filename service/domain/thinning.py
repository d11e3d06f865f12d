"""Downsampling of curves (M4): of every stretch the first, last, lowest and highest point stay."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: The number of points that a stretch keeps, and so the least that thinning leaves.
MIN_POINTS = 4


def thin(values: NDArray[np.float32], max_points: int) -> NDArray[np.intp]:
    """Return the indices of the *values* to show.

    The method is M4 (Jugel et al., 2014): a line through these points draws the same pixels as one through all
    points. A stretch with a NaN keeps one in place of its lowest point, unless its first or last point is NaN.

    Shapes:
        values: (n,) -> indices, ascending, at most max(*max_points*, 4) of them.
    """
    if len(values) <= max_points:
        return np.arange(len(values))
    stretches = max(max_points // MIN_POINTS, 1)
    edges = np.linspace(0, len(values), stretches + 1).astype(np.intp)
    return np.unique([first + offset for first, end in pairwise(edges) for offset in _corners(values[first:end])])


def _corners(stretch: NDArray[np.float32]) -> tuple[int, int, int, int]:
    last, lowest, highest = len(stretch) - 1, int(stretch.argmin()), int(stretch.argmax())
    if np.isnan(stretch[lowest]):  # argmin and argmax find the first NaN where there is one
        missing = np.isnan(stretch)
        highest = int(np.where(missing, -np.inf, stretch).argmax())
        if missing[0] or missing[last]:
            lowest = int(np.where(missing, np.inf, stretch).argmin())
    return 0, last, lowest, highest
