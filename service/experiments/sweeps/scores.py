"""The scores of a sweep's arms: their metric on the seeds that all of them have."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.experiments.results import Analysis
from service.experiments.runs import Arm


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The score of each arm on each seed; a run that diverged scores the worst value that the sweep measured.

    Attributes:
        arms: The names of the arms.
        values: The values of the swept fields, of each arm.

    Shapes:
        table: (arms, seeds).
    """

    arms: Sequence[str]
    values: Sequence[Mapping[str, Any]]
    table: NDArray[np.float64]

    @property
    def means(self) -> NDArray[np.float64]:
        """The mean of each arm over the seeds."""
        return np.asarray(self.table.mean(axis=1), np.float64)

    @property
    def variation(self) -> float:
        """The sum of squares between the means of the arms."""
        return float(((self.means - self.means.mean()) ** 2).sum())

    @property
    def noise(self) -> float | None:
        """How much the seeds add to the variance of an arm's mean; None with a single seed.

        What a seed does to all arms alike does not count.
        """
        arms, seeds = self.table.shape
        if arms == 1 or seeds == 1:
            return None
        rest = self.table - self.means[:, None] - self.table.mean(axis=0) + self.table.mean()
        return float((rest**2).sum() / ((arms - 1) * (seeds - 1)) / seeds)


def scores_of(analysis: Analysis, values: Mapping[str, Mapping[str, Any]]) -> Scores | None:
    """Return the scores of the arms that have results, and miss none for a failure; None without any.

    Args:
        analysis: The result of the arms.
        values: The values of the swept fields, of each arm by its name.
    """
    arms = [each.arm for each in analysis.arms if each.arm.results and not each.arm.count("failed", "cancelled")]
    measured = [value for arm in arms for value in arm.values]
    seeds = [seed for seed in (arms[0].results if arms else ()) if all(seed in arm.results for arm in arms)]
    if not measured or not seeds:
        return None
    worst = min(measured, key=lambda value: analysis.question.sign * value)
    table = np.array([_row(arm, seeds, worst) for arm in arms])
    return Scores(arms=[arm.name for arm in arms], values=[values[arm.name] for arm in arms], table=table)


def _row(arm: Arm, seeds: Sequence[int], worst: float) -> list[float]:
    results = (arm.results[seed] for seed in seeds)
    return [worst if result is None or not math.isfinite(result) else result for result in results]
