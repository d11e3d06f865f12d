"""Which arms cannot become the best any more, so that their other jobs need not run.

After each seed, an arm is compared with the arm that leads. It is given up if it is worse by more than chance explains,
by a one-sided t test of the paired differences. The level is divided by the number of arms and of looks (Bonferroni),
so that the arm that is truly the best is given up in at most 5 of 100 experiments.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from service.experiments.power import ALPHA
from service.experiments.results import best_of, results_of
from service.experiments.runs import Arm, Question
from service.experiments.student_t import quantile
from service.experiments.summaries import summarize

#: No arm is given up before so many seeds.
LEAST_SEEDS = 3


@dataclass(frozen=True, kw_only=True)
class Hopeless:
    """An arm that cannot become the best any more.

    Attributes:
        leader: The arm that is better.
        seeds: The number of seeds for which both have a result.
        difference: The mean of *arm* minus *leader*; None if *arm* diverged in all these seeds.
    """

    arm: str
    leader: str
    seeds: int
    difference: float | None


def hopeless(arms: Sequence[Arm], question: Question) -> list[Hopeless]:
    """Return the arms to give up now; never the baseline, and only arms with pending runs."""
    best = best_of(results_of(arms, question), question)
    if best is None:
        return []
    looks = max(max(len(arm.runs) for arm in arms) - LEAST_SEEDS, 1)
    level = ALPHA / (max(len(arms) - 1, 1) * looks)
    others = [arm for arm in arms if arm is not best.arm and arm.name != question.baseline and arm.count("pending")]
    found = [_hopeless(arm, best.arm, question, level) for arm in others if not arm.count("stopped")]
    return [each for each in found if each]


def _hopeless(arm: Arm, leader: Arm, question: Question, level: float) -> Hopeless | None:
    both = [(value, leader.results[seed]) for seed, value in arm.results.items() if seed in leader.results]
    if len(both) < LEAST_SEEDS or any(other is None for _, other in both):
        return None
    behind = [question.sign * (other - value) for value, other in both if value is not None and other is not None]
    if behind and (len(behind) < len(both) or not _is_far(behind, question, level)):
        return None
    difference = -question.sign * math.fsum(behind) / len(behind) if behind else None
    return Hopeless(arm=arm.name, leader=leader.name, seeds=len(both), difference=difference)


def _is_far(behind: Sequence[float], question: Question, level: float) -> bool:
    """Return whether the mean of these differences is greater than zero by more than chance explains."""
    summary, n = summarize(behind), len(behind)
    step = 1 / question.samples if question.is_accuracy and question.samples else 0.0  # equal by rounding, not by truth
    error = max(summary.sd or 0.0, step) / math.sqrt(n)
    return (summary.mean or 0.0) > quantile(1 - level, degrees=n - 1) * error
