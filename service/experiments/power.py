"""What so many seeds can show: the power of the test, and the seeds or the difference that it takes.

Differences are in standard deviations here, of the differences between two arms on a seed; that is `effect`. The power
is that of the paired t test, by the noncentral t distribution, at the level that the sign-flip test really has: with
few seeds it has few possible p, and the largest one below 0.05 is smaller than 0.05. With so few seeds that only one p
is small enough, the power is exact: the probability that all differences have the same sign.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

from service.experiments.student_t import noncentral_share_below, quantile

ALPHA = 0.05
POWER = 0.8

#: More seeds than this are not worth a forecast.
MOST_MORE_SEEDS = 1000

NORMAL = NormalDist()

_FINE = 40  # seeds from which the steps between possible p are negligible


def seeds_required(pairs: int = 1) -> int:
    """Return the fewest seeds with which the test of one of so many pairs of arms can reach 0.05 after Holm."""
    return next(n for n in range(2, 64) if _level(n, pairs) > 0)


def power(effect: float, *, seeds: int, pairs: int = 1) -> float:
    """Return the probability that an effect of this size is shown.

    Args:
        effect: The true difference, in standard deviations of the differences.
        seeds: The number of seeds of each arm.
        pairs: How many pairs of arms are tested; the first step of Holm divides the level by it.
    """
    level = _level(seeds, pairs)
    if level == 0:
        return 0.0
    if level == 2.0 ** (1 - seeds):  # all differences must have the same sign
        return NORMAL.cdf(effect) ** seeds + NORMAL.cdf(-effect) ** seeds
    degrees, shift = seeds - 1, abs(effect) * math.sqrt(seeds)
    limit = quantile(1 - level / 2, degrees=degrees)
    below = noncentral_share_below(limit, degrees=degrees, shift=shift)
    other_side = noncentral_share_below(-limit, degrees=degrees, shift=shift)
    return 1 - below + other_side


def more_seeds_needed(effect: float, *, seeds: int, pairs: int = 1) -> int | None:
    """Return how many more seeds would show this effect with 80 % power, at least one; None for more than 1,000."""
    most = seeds + MOST_MORE_SEEDS
    if power(effect, seeds=most, pairs=pairs) < POWER:
        return None
    return _first(lambda n: power(effect, seeds=n, pairs=pairs) >= POWER, seeds + 1, most) - seeds


def detectable_difference(*, seeds: int, sd: float = 1.0, pairs: int = 1) -> float | None:
    """Return the smallest difference that so many seeds show with 80 % power; None if they are too few for a test.

    Args:
        seeds: The number of seeds of each arm.
        sd: The standard deviation of the differences between two arms on a seed; the result has its unit.
        pairs: How many pairs of arms are tested.
    """
    if seeds < seeds_required(pairs):
        return None
    low, high = 0.0, 1.0
    while power(high, seeds=seeds, pairs=pairs) < POWER:
        low, high = high, 2 * high
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle, seeds=seeds, pairs=pairs) >= POWER else (middle, high)
    return high * sd


def _level(seeds: int, pairs: int) -> float:
    """Return the largest p of the sign-flip test that counts as shown; it grows with the seeds."""
    level = ALPHA / pairs
    steps = 2.0 ** (min(seeds, _FINE) - 1)
    return math.floor(level * steps) / steps


def _first(is_true: Callable[[int], bool], low: int, high: int) -> int:
    """Return the first number for which *is_true* holds, which it does from there on up to *high*."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_true(middle) else (middle + 1, high)
    return low
