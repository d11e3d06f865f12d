"""How people write the ten digits: each is one or more strokes through a few points, and several have variants.

A point is (x, y) in a box from 0 to 1, y downwards. A point that stands twice is a corner; other points are passed in
a smooth curve.
"""

import itertools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Stroke = tuple[Point, ...]
Line = NDArray[np.float64]
"""Points along a stroke. Shapes: (n, 2)."""

POINTS_OF_A_PIECE = 24


def _corners(*points: Point) -> Stroke:
    """Return a stroke of straight lines."""
    return tuple(itertools.chain.from_iterable((point, point) for point in points))[1:-1]


def _loop(middle: Point, reach: Point, *, start: float = -90.0, turn: float = -360.0) -> Stroke:
    """Return an ellipse around *middle*, from the angle *start* on, in degrees clockwise from the right."""
    angles = np.radians(np.linspace(start, start + turn, max(4, round(abs(turn) / 36) + 1)))
    return tuple((middle[0] + reach[0] * float(np.cos(at)), middle[1] + reach[1] * float(np.sin(at))) for at in angles)


_TWO_TOP: Stroke = ((0.08, 0.27), (0.2, 0.06), (0.52, 0.0), (0.85, 0.1), (0.88, 0.32), (0.6, 0.62))
_SEVEN: Stroke = _corners((0.05, 0.03), (0.95, 0.03), (0.38, 1.0))
_NINE_HEAD: Stroke = (
    (0.86, 0.12), (0.5, 0.0), (0.12, 0.13), (0.06, 0.34), (0.3, 0.51), (0.66, 0.44), (0.86, 0.12), (0.86, 0.12),
)  # fmt: skip

#: Each digit's variants by their names; the first is the plain one.
FORMS: Mapping[int, Mapping[str, tuple[Stroke, ...]]] = MappingProxyType(
    {
        0: {
            "oval": (_loop((0.5, 0.5), (0.5, 0.5)),),
            "open": (_loop((0.5, 0.5), (0.5, 0.5), start=-65, turn=-325),),
            "crossing": ((*_loop((0.5, 0.5), (0.5, 0.5), start=-75), (0.42, 0.06), (0.25, 0.12)),),
        },
        1: {
            "bar": (((0.5, 0.0), (0.5, 1.0)),),
            "flag": (_corners((0.1, 0.34), (0.62, 0.0), (0.62, 1.0)),),
            "long flag": (_corners((0.0, 0.58), (0.66, 0.0), (0.66, 1.0)),),
            "flag and foot": (_corners((0.15, 0.28), (0.55, 0.0), (0.55, 1.0)), ((0.12, 1.0), (0.98, 1.0))),
        },
        2: {
            "round": ((*_TWO_TOP, (0.06, 1.0), (0.06, 1.0), (0.95, 1.0)),),
            "loop": ((*_TWO_TOP, (0.2, 0.95), (0.05, 0.9), (0.2, 0.78), (0.55, 0.95), (0.95, 0.97)),),
            "angular": (_corners((0.08, 0.05), (0.9, 0.05), (0.08, 1.0), (0.95, 1.0)),),
        },
        3: {
            "round": (
                (
                    (0.1, 0.12), (0.45, 0.0), (0.85, 0.13), (0.8, 0.36), (0.4, 0.47), (0.4, 0.47), (0.82, 0.58),
                    (0.9, 0.82), (0.5, 1.0), (0.06, 0.87),
                ),
            ),
            "flat": (
                (
                    (0.1, 0.03), (0.1, 0.03), (0.88, 0.03), (0.88, 0.03), (0.42, 0.4), (0.42, 0.4), (0.84, 0.52),
                    (0.88, 0.82), (0.5, 1.0), (0.06, 0.88),
                ),
            ),
        },
        4: {
            "open": (_corners((0.2, 0.0), (0.08, 0.58), (0.98, 0.58)), ((0.72, 0.12), (0.68, 1.0))),
            "closed": (_corners((0.98, 0.68), (0.03, 0.68), (0.68, 0.0), (0.68, 1.0)),),
            "straight": (_corners((0.12, 0.0), (0.12, 0.5), (0.9, 0.5)), ((0.85, 0.0), (0.85, 1.0))),
        },
        5: {
            "two strokes": (
                (
                    (0.2, 0.03), (0.14, 0.42), (0.14, 0.42), (0.5, 0.35), (0.9, 0.52), (0.86, 0.85), (0.45, 1.0),
                    (0.05, 0.9),
                ),
                ((0.2, 0.03), (0.9, 0.0)),
            ),
            "one stroke": (
                (
                    (0.92, 0.02), (0.92, 0.02), (0.22, 0.03), (0.22, 0.03), (0.14, 0.44), (0.14, 0.44), (0.55, 0.37),
                    (0.9, 0.6), (0.76, 0.9), (0.35, 1.0), (0.04, 0.9),
                ),
            ),
            "round": (
                (
                    (0.9, 0.04), (0.45, 0.02), (0.18, 0.2), (0.32, 0.42), (0.7, 0.52), (0.88, 0.74), (0.62, 0.97),
                    (0.08, 0.93),
                ),
            ),
        },
        6: {
            "curved": (
                (
                    (0.8, 0.0), (0.35, 0.2), (0.08, 0.58), (0.14, 0.88), (0.5, 1.0), (0.88, 0.86), (0.84, 0.6),
                    (0.5, 0.5), (0.12, 0.68),
                ),
            ),
            "straight": (
                (
                    (0.5, 0.0), (0.22, 0.38), (0.06, 0.7), (0.22, 0.96), (0.6, 1.0), (0.92, 0.82), (0.8, 0.6),
                    (0.42, 0.56), (0.1, 0.76),
                ),
            ),
        },
        7: {
            "plain": (_SEVEN,),
            "crossed": (_SEVEN, ((0.26, 0.52), (0.88, 0.5))),
            "hooked": (_corners((0.05, 0.18), (0.05, 0.03), (0.95, 0.03), (0.35, 1.0)),),
            "crossed and hooked": (
                _corners((0.04, 0.2), (0.07, 0.03), (0.95, 0.03), (0.4, 1.0)), ((0.3, 0.5), (0.92, 0.5)),
            ),
        },
        8: {
            "one stroke": (
                (
                    (0.82, 0.14), (0.5, 0.0), (0.16, 0.14), (0.24, 0.36), (0.5, 0.48), (0.84, 0.64), (0.84, 0.88),
                    (0.5, 1.0), (0.14, 0.88), (0.16, 0.66), (0.5, 0.48), (0.78, 0.34), (0.82, 0.14),
                ),
            ),
            "two circles": (_loop((0.5, 0.24), (0.36, 0.24)), _loop((0.5, 0.74), (0.44, 0.26))),
        },
        9: {
            "straight": ((*_NINE_HEAD, (0.8, 1.0)),),
            "curled": ((*_NINE_HEAD, (0.88, 0.6), (0.76, 0.9), (0.42, 1.0), (0.12, 0.9)),),
        },
    }
)  # fmt: skip


def curve(points: Line) -> Line:
    """Return points along a stroke, close enough to each other for a smooth line. Shapes: (n, 2) -> (m, 2)."""
    corners = 1 + np.flatnonzero((points[1:] == points[:-1]).all(axis=1))
    return np.concatenate([_piece(each) for each in np.split(points, corners) if len(each) > 1])


def _piece(points: Line) -> Line:
    """Return points along the Catmull-Rom spline through *points*; through two it is a straight line."""
    ends = [2 * points[0] - points[1]], [2 * points[-1] - points[-2]]
    padded = np.concatenate([ends[0], points, ends[1]])
    a, b, c, d = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0, 1, POINTS_OF_A_PIECE)[:, None]
    pieces = b + t * ((c - a) / 2 + t * (a - 2.5 * b + 2 * c - d / 2 + t * (1.5 * (b - c) + (d - a) / 2)))
    return np.asarray(pieces.reshape(-1, 2))
