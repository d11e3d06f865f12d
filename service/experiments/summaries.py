"""The summary of some numbers: mean, standard deviation, and the 95 % interval of the mean by Student's t."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from service.experiments.student_t import quantile

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float

    def lies_within(self, margin: float) -> bool:
        """Return whether no value in it is further than *margin* from zero."""
        return -margin <= self.low and self.high <= margin


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The summary of *n* numbers.

    Attributes:
        mean: None without a number; so are *minimum* and *maximum*.
        sd: The sample standard deviation; None with fewer than two numbers, and so is *interval*.
        interval: The 95 % confidence interval of the mean.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    interval: Interval | None = None
    minimum: float | None = None
    maximum: float | None = None


def summarize(values: Sequence[float]) -> Summary:
    """Return the summary of finite numbers."""
    n = len(values)
    if not n:
        return Summary(n=0)
    low, high = min(values), max(values)
    mean = min(max(math.fsum(values) / n, low), high)  # rounding must not take it out of the range
    if n == 1:
        return Summary(n=1, mean=mean, minimum=low, maximum=high)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1)) if low < high else 0.0
    half = quantile((1 + CONFIDENCE) / 2, degrees=n - 1) * sd / math.sqrt(n)
    interval = Interval(low=mean - half, high=mean + half)
    return Summary(n=n, mean=mean, sd=sd, interval=interval, minimum=low, maximum=high)
