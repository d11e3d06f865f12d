"""What the statistics promise, shown by simulation: thousands of experiments whose truth is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from service.experiments import Question, analyse, detectable_difference, more_seeds_needed, summarize
from service.experiments.sign_flips import p_value
from tests.unit.experiments.arms import arm

QUESTION = Question(metric="test_accuracy", samples=10_000)
NOISE = 0.007  # of a share of 0.05 in 1,000 experiments, as a standard deviation
SD = 0.0015  # of an accuracy between seeds: 0.15 percentage points


def accuracies(random: np.random.Generator, *shape: int, shift: float = 0.0) -> NDArray[np.float64]:
    """Accuracies around 95 %, as a test set of 10,000 images gives them: with ties."""
    return np.round(random.normal(0.95 + shift, SD, shape), 4)


def share_shown(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The share of experiments, one a row, that call one of two arms better or worse."""
    verdicts = [
        analyse([arm("a", a), arm("b", b)], QUESTION).pairs[0].verdict
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
    ]
    return float(np.mean([verdict in {"better", "worse"} for verdict in verdicts]))


def test_equal_arms_are_rarely_called_different() -> None:
    """Of 1,000 experiments of A against A with 6, 8 and 12 seeds each, at most 5 % say better or worse."""
    random = np.random.default_rng(1)
    shares = [share_shown(accuracies(random, 1000, n), accuracies(random, 1000, n)) for n in (6, 8, 12)]
    assert np.mean(shares) <= 0.05
    assert max(shares) <= 0.05 + 2 * NOISE


def test_equal_arms_are_rarely_called_different_in_several_pairs() -> None:
    """Of 400 experiments of four equal arms, at most 5 % call any of the six pairs different."""
    random = np.random.default_rng(4)
    drawn = accuracies(random, 400, 4, 10).tolist()
    analyses = [analyse([arm(str(n), values) for n, values in enumerate(arms)], QUESTION) for arms in drawn]
    false = [any(pair.verdict in {"better", "worse"} for pair in each.pairs) for each in analyses]
    assert np.mean(false) <= 0.05


def test_other_noise_does_not_make_false_findings() -> None:
    """The test needs no normal distribution: with outliers and skew it is as honest."""
    random = np.random.default_rng(5)
    noise = random.lognormal(0, 1.5, (2000, 2, 8))
    differences = noise[:, 0] - noise[:, 1]
    assert np.mean([p_value(each) <= 0.05 for each in differences.tolist()]) <= 0.05


@pytest.mark.parametrize("seeds", [6, 7, 8, 12])
def test_a_detectable_difference_is_found_with_the_promised_power(seeds: int) -> None:
    """The difference that `detectable_difference` names is shown by about 80 % of 1,000 experiments."""
    random = np.random.default_rng(seeds)
    shift = detectable_difference(seeds=seeds, sd=SD * np.sqrt(2))
    assert shift is not None
    share = share_shown(accuracies(random, 1000, seeds, shift=shift), accuracies(random, 1000, seeds))
    assert share == pytest.approx(0.8, abs=0.05)


def test_so_many_more_seeds_show_the_difference() -> None:
    """With the forecast number of seeds, about 80 % of 1,000 experiments show the true difference."""
    random = np.random.default_rng(6)
    shift = 0.001
    more = more_seeds_needed(shift / (SD * np.sqrt(2)), seeds=8)
    assert more is not None
    drawn = random.normal(shift, SD * np.sqrt(2), (1000, 8 + more)).tolist()
    assert np.mean([p_value(differences) <= 0.05 for differences in drawn]) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("seeds", [3, 8, 20])
def test_intervals_contain_the_truth_as_often_as_they_say(seeds: int) -> None:
    """Of 2,000 intervals, 93 to 97 % contain the true mean."""
    drawn = np.random.default_rng(seeds).normal(0.95, SD, (2000, seeds)).tolist()
    intervals = [summarize(values).interval for values in drawn]
    assert 0.93 <= np.mean([each is not None and each.low <= 0.95 <= each.high for each in intervals]) <= 0.97


def test_coarse_values_keep_the_promises() -> None:
    """With so few different values that most differences are ties, equal arms are still rarely called different."""
    random = np.random.default_rng(7)
    first, second = (np.round(random.normal(0.95, 0.004, (1000, 8)), 2) for _ in range(2))
    assert np.mean(first == second) > 0.5
    assert share_shown(first, second) <= 0.05
