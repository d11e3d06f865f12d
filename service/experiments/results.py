"""The result of an experiment: a summary of each arm, and the verdict about each pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from service.experiments.pairs import Comparison, binomial_sd, compare
from service.experiments.runs import Arm, Question
from service.experiments.summaries import Summary, summarize
from service.experiments.verdicts import Verdict, seeds_to_add, verdict_of

#: With more arms than this and no baseline, all arms are compared with the best one only, to keep the result readable.
MOST_ARMS_IN_ALL_PAIRS = 10


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """An arm with the summary of its measured runs.

    Attributes:
        test_set_sd: How much the accuracy would vary with another test set of the same size, as a standard deviation;
            None unless the metric is an accuracy on a known number of images.
    """

    arm: Arm
    summary: Summary
    test_set_sd: float | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two compared arms, and what follows from the comparison.

    Attributes:
        p_holm: p times the number of pairs that Holm's method asks for; None without a seed.
        more_seeds_needed: How many more seeds would show a difference like this one; None if that says nothing.
    """

    compared: Comparison
    p_holm: float | None
    verdict: Verdict
    more_seeds_needed: int | None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The result of an experiment.

    Attributes:
        tested: How many pairs p is corrected for: all that could have been chosen.
    """

    question: Question
    arms: Sequence[ArmResult]
    pairs: Sequence[Pair]
    tested: int

    @property
    def best(self) -> ArmResult | None:
        """The arm with the best mean; None before the first measured run."""
        return best_of(self.arms, self.question)


def analyse(arms: Sequence[Arm], question: Question) -> Analysis:
    """Return what the arms show about the question."""
    results = results_of(arms, question)
    chosen, tested = _pairs(arms, best_of(results, question), question)
    compared = [compare(arm, baseline, question) for arm, baseline in chosen]
    corrected = holm([1.0 if each.p is None else each.p for each in compared], tested=tested)
    pairs = [_pair(each, p_holm, question, tested) for each, p_holm in zip(compared, corrected, strict=True)]
    return Analysis(question=question, arms=results, pairs=pairs, tested=tested)


def results_of(arms: Sequence[Arm], question: Question) -> list[ArmResult]:
    """Return each arm with its summary."""
    return [_arm_result(arm, question) for arm in arms]


def holm(p_values: Sequence[float], *, tested: int | None = None) -> list[float]:
    """Return each p after Holm's step-down correction (1979): the chance of any false finding stays what p says.

    Args:
        p_values: Of the pairs that are shown.
        tested: How many pairs could have been shown; by default, all of them are.
    """
    corrected, largest = [0.0] * len(p_values), 0.0
    factor = tested or len(p_values)
    for step, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min((factor - step) * p_values[place], 1.0))
        corrected[place] = largest
    return corrected


def best_of(results: Sequence[ArmResult], question: Question) -> ArmResult | None:
    """Return the first arm with the best mean of its measured runs; arms without a diverged run come first."""

    def rank(result: ArmResult) -> tuple[int, float]:
        return -result.arm.count("diverged"), question.sign * (result.summary.mean or 0.0)

    return max((result for result in results if result.summary.n), key=rank, default=None)


def _arm_result(arm: Arm, question: Question) -> ArmResult:
    summary = summarize(arm.values)
    is_known = question.is_accuracy and question.samples and summary.mean is not None
    return ArmResult(
        arm=arm,
        summary=summary,
        test_set_sd=binomial_sd(summary.mean or 0.0, question.samples or 1) if is_known else None,
    )


def _pairs(arms: Sequence[Arm], best: ArmResult | None, question: Question) -> tuple[list[tuple[Arm, Arm]], int]:
    """Return the pairs to compare, and how many there were to choose from: the best arm is chosen by its results."""
    baseline = next((arm for arm in arms if arm.name == question.baseline), None)
    if baseline:
        return [(arm, baseline) for arm in arms if arm is not baseline], len(arms) - 1
    everything = [(arm, other) for other, arm in combinations(arms, 2)]
    if len(arms) <= MOST_ARMS_IN_ALL_PAIRS:
        return everything, len(everything)
    top = best.arm if best else arms[0]
    return [(top, arm) for arm in arms if arm is not top], len(everything)


def _pair(compared: Comparison, p_holm: float, question: Question, tested: int) -> Pair:
    known = p_holm if compared.p is not None else None
    verdict = verdict_of(compared, p_holm=known, margin=question.margin, pairs=tested)
    return Pair(
        compared=compared,
        p_holm=known,
        verdict=verdict,
        more_seeds_needed=seeds_to_add(compared, verdict, pairs=tested),
    )
