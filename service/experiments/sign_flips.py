"""The sign-flip permutation test of paired differences, exact up to 30 pairs.

If both arms are equally good, each difference could have had the other sign just as well. So of all 2ⁿ ways to choose
the signs, count the ones whose sum is as far from zero as the one that was measured (Fisher, 1935). No distribution is
assumed. The smallest p that n pairs can have is 2 / 2ⁿ: fewer than six cannot reach 0.05.
"""

import functools
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: How p was computed: over all signs, or over `DRAWS` of them.
Method = Literal["exact", "monte_carlo"]

MOST_EXACT = 30
DRAWS = 1 << 13

#: Sums that differ by less than this share of the largest one count as equal: they differ by rounding only.
ROUNDING = 1e-9


def method_of(pairs: int) -> Method:
    """Return how `p_value` computes p of so many differences."""
    return "exact" if pairs <= MOST_EXACT else "monte_carlo"


def p_value(differences: Sequence[float]) -> float:
    """Return the two-sided p of the hypothesis that each difference is as likely as its negative.

    An infinite difference, of a run that diverged, outweighs all finite ones.
    """
    finite = _with_finite_weights(np.asarray(differences, float))
    far = abs(finite.sum()) - ROUNDING * np.abs(finite).sum()
    if far <= 0:
        return 1.0
    if method_of(len(finite)) == "exact":
        return _exact(finite, far)
    sums = _drawn_signs(len(finite)) @ finite
    return float((1 + np.count_nonzero(np.abs(sums) >= far)) / (1 + DRAWS))


def _with_finite_weights(differences: Floats) -> Floats:
    """Replace infinities by a number that is larger than all finite differences together."""
    finite = differences[np.isfinite(differences)]
    most = 2 * np.abs(finite).sum() or 1.0
    return np.clip(differences, -most, most)


def _exact(differences: Floats, far: float) -> float:
    """Count the signs in two halves: for each sum of the first, the sums of the second that take it far enough."""
    middle = len(differences) // 2
    first, second = _sums(differences[:middle]), np.sort(_sums(differences[middle:]))
    one_side = len(second) * len(first) - np.searchsorted(second, far - first).sum()
    return float(min(2 * one_side / (len(first) * len(second)), 1.0))  # the other side is its mirror image


def _sums(differences: Floats) -> Floats:
    """Return the sums with all choices of signs.

    Shapes:
        differences: (n,) -> (2ⁿ,).
    """
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


@functools.lru_cache(maxsize=2)
def _drawn_signs(pairs: int) -> Floats:
    """Return the same random signs for every test of so many pairs.

    Shapes:
        (DRAWS, pairs).
    """
    random = np.random.default_rng(pairs)
    bits = np.unpackbits(random.integers(0, 256, (DRAWS, -(-pairs // 8)), np.uint8), axis=1)
    return bits[:, :pairs].astype(np.float64) * 2 - 1
