"""Compares two arms seed by seed: the difference, its interval, and the test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from service.experiments import sign_flips
from service.experiments.runs import Arm, Question
from service.experiments.summaries import Interval, Summary, summarize


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One arm against another, on the seeds for which both have a result.

    Attributes:
        arm: The name of the arm.
        baseline: The name of the arm that it is compared with.
        seeds: The number of these seeds.
        missing: The number of seeds for which one of the two has no result: it is pending, failed, or was stopped.
        differences: The summary of *arm* minus *baseline*, on the seeds that were measured in both.
        wins: The number of seeds on which *arm* is better; likewise *losses* and *ties*. A diverged run loses.
        diverged: How many runs of *arm* diverged, on these seeds; likewise *baseline_diverged*.
        p: Of the sign-flip test, before Holm; None without a seed.
        lead: Positive if *arm* is better by what the test adds up, negative if it is worse.
        test_set_sd: At most so much of the difference is chance of which images are in the test set, as a standard
            deviation; None unless the metric is an accuracy on a known number of images.
    """

    arm: str
    baseline: str
    seeds: int
    missing: int
    differences: Summary
    wins: int
    losses: int
    ties: int
    diverged: int
    baseline_diverged: int
    p: float | None
    lead: float
    test_set_sd: float | None

    @property
    def difference(self) -> float | None:
        """The mean difference; None if no seed was measured in both arms."""
        return self.differences.mean

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of the difference by Student's t; None with fewer than two measured seeds."""
        return self.differences.interval

    @property
    def p_method(self) -> sign_flips.Method:
        """How p was computed."""
        return sign_flips.method_of(self.seeds)

    @property
    def probability_better(self) -> float | None:
        """The share of seeds on which *arm* is better, ties counted half; None without a seed."""
        return (self.wins + self.ties / 2) / self.seeds if self.seeds else None

    @property
    def effect(self) -> float | None:
        """The difference in standard deviations of the differences; None if it is zero, or they do not vary."""
        return self.difference / self.differences.sd if self.difference and self.differences.sd else None


def compare(arm: Arm, baseline: Arm, question: Question) -> Comparison:
    """Compare two arms."""
    ours, theirs, sign = arm.results, baseline.results, question.sign
    results = [(value, theirs[seed]) for seed, value in ours.items() if seed in theirs]
    measured = [value - other for value, other in results if value is not None and other is not None]
    differences = [*measured, *_infinite_differences(results, sign)]
    return Comparison(
        arm=arm.name,
        baseline=baseline.name,
        seeds=len(results),
        missing=len({run.seed for run in (*arm.runs, *baseline.runs)}) - len(results),
        differences=summarize(measured),
        wins=sum(sign * difference > 0 for difference in differences),
        losses=sum(sign * difference < 0 for difference in differences),
        ties=differences.count(0),
        diverged=sum(value is None for value, _ in results),
        baseline_diverged=sum(other is None for _, other in results),
        p=sign_flips.p_value(differences) if differences else None,
        lead=sign * (differences.count(math.inf) - differences.count(-math.inf) or math.fsum(measured)),
        test_set_sd=_test_set_sd(arm, baseline, question),
    )


def binomial_sd(share: float, samples: int) -> float:
    """Return the standard deviation of an accuracy over test sets of so many images, drawn anew each time."""
    return math.sqrt(share * (1 - share) / samples)


def _infinite_differences(results: Sequence[tuple[float | None, float | None]], sign: int) -> list[float]:
    """Return the differences where a run diverged: infinite, and zero where both did."""
    lost = [(other is None) - (value is None) for value, other in results if value is None or other is None]
    return [sign * each * math.inf if each else 0.0 for each in lost]


def _test_set_sd(arm: Arm, baseline: Arm, question: Question) -> float | None:
    """Return the standard deviation for two independent test sets: on one and the same, it is smaller."""
    if not (question.is_accuracy and question.samples and arm.values and baseline.values):
        return None
    return math.hypot(
        *(binomial_sd(math.fsum(each.values) / len(each.values), question.samples) for each in (arm, baseline))
    )
