"""The statistics of experiments, against SciPy's own and against counting by brute force."""

import itertools
import math
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
import scipy.stats

from service.experiments import (
    Interval,
    Question,
    analyse,
    detectable_difference,
    more_seeds_needed,
    power,
    seeds_required,
    summarize,
)
from service.experiments.pairs import compare
from service.experiments.results import holm
from service.experiments.sign_flips import DRAWS, method_of, p_value
from tests.unit.experiments.arms import arm

ACCURACY = Question(metric="test_accuracy", samples=10_000)
LOSS = Question(metric="test_loss")


def brute_force(differences: Sequence[float]) -> float:
    """The share of all choices of signs whose sum is as far from zero as the measured one."""
    far = abs(math.fsum(differences)) - 1e-12
    signs = list(itertools.product((1, -1), repeat=len(differences)))
    return sum(abs(math.fsum(np.multiply(each, differences))) >= far for each in signs) / len(signs)


def brute_force_holm(p_values: Sequence[float]) -> list[float]:
    """Holm as the closure of Bonferroni: the largest corrected p of all sets of hypotheses with this one."""
    places = range(len(p_values))
    sets = [each for size in places for each in itertools.combinations(places, size + 1)]
    corrected = {each: min(len(each) * min(p_values[place] for place in each), 1.0) for each in sets}
    return [max(p for each, p in corrected.items() if place in each) for place in places]


def test_a_summary_is_that_of_scipy() -> None:
    """Mean, standard deviation and the interval by Student's t."""
    values = [0.981, 0.979, 0.984, 0.980, 0.978]
    summary = summarize(values)
    oracle = scipy.stats.ttest_1samp(values, 0).confidence_interval()
    assert summary.interval is not None
    assert (summary.interval.low, summary.interval.high) == pytest.approx((oracle.low, oracle.high))
    assert (summary.n, summary.minimum, summary.maximum) == (5, 0.978, 0.984)
    assert (summary.mean, summary.sd) == pytest.approx((np.mean(values), np.std(values, ddof=1)))


def test_short_summaries_have_no_spread() -> None:
    """Without a number there is no mean, and with one no interval; equal numbers have an interval of one point."""
    assert summarize([]).mean is None
    assert (summarize([0.1]).mean, summarize([0.1]).interval) == (0.1, None)
    assert summarize([0.1] * 7).sd == 0
    assert summarize([0.1] * 7).interval == Interval(low=0.1, high=0.1)


@pytest.mark.parametrize("seed", range(6))
def test_p_counts_all_signs(seed: int) -> None:
    """It is the share that brute force counts, with ties and zeros among the differences."""
    random = np.random.default_rng(seed)
    differences = np.round(random.normal(0.3, 1, 3 + 2 * seed), 1).tolist()
    assert p_value(differences) == pytest.approx(brute_force(differences))


def test_p_is_that_of_scipy() -> None:
    """SciPy's permutation test of paired samples counts the same."""
    differences = np.random.default_rng(1).normal(0.4, 1, 12)
    oracle = scipy.stats.permutation_test(
        (differences, np.zeros(12)),
        lambda x, y, axis: np.mean(x - y, axis),
        permutation_type="samples",
        n_resamples=4096,
    )
    assert p_value(differences.tolist()) == pytest.approx(oracle.pvalue)


def test_p_of_many_pairs_is_exact_and_then_drawn() -> None:
    """Up to 30 pairs all signs are counted; more are drawn, with the same answer but for the noise of drawing."""
    differences = np.random.default_rng(2).normal(0.4, 1, 31).tolist()
    assert (method_of(30), method_of(31)) == ("exact", "monte_carlo")
    t_test = scipy.stats.ttest_1samp(differences, 0).pvalue
    assert p_value(differences[:30]) == pytest.approx(scipy.stats.ttest_1samp(differences[:30], 0).pvalue, abs=0.004)
    assert p_value(differences) == pytest.approx(t_test, abs=0.004 + 4 * math.sqrt(t_test / DRAWS))
    assert p_value(differences) == p_value(differences)
    assert p_value([1.0] * 100) == pytest.approx(1 / (1 + DRAWS))


def test_p_never_claims_too_much() -> None:
    """Of all signs of some differences, at most so many have a p of at most 0.05, 0.01 and so on: the test is exact."""
    sizes = np.random.default_rng(3).lognormal(size=9)
    p_values = [p_value((sizes * signs).tolist()) for signs in itertools.product((1, -1), repeat=9)]
    for level in (0.01, 0.05, 0.1, 0.5):
        assert np.mean(np.array(p_values) <= level) <= level


def test_p_without_a_difference_is_one() -> None:
    """Equal arms, and differences that cancel, show nothing."""
    assert p_value([0.0] * 8) == 1
    assert p_value([0.1, -0.1, 0.3, -0.3]) == 1


def test_holm_is_the_closure_of_bonferroni() -> None:
    """Each corrected p is the largest of all sets that contain it, also with ties."""
    for p_values in ([0.01, 0.04, 0.03, 0.005], [0.02, 0.02, 0.5], [0.3], []):
        assert holm(p_values) == pytest.approx(brute_force_holm(p_values))


def test_holm_counts_pairs_that_are_not_shown() -> None:
    """Of ten pairs that could have been chosen, the smallest p is multiplied by ten."""
    assert holm([0.004, 0.02], tested=10) == pytest.approx([0.04, 0.18])


@pytest.mark.parametrize(("pairs", "seeds"), [(1, 6), (3, 7), (10, 9), (45, 11)])
def test_the_fewest_seeds_are_the_ones_whose_smallest_p_suffices(pairs: int, seeds: int) -> None:
    """With one seed fewer, even if all differences agree, p is too large after Holm."""
    assert seeds_required(pairs) == seeds
    assert pairs * p_value([1.0] * seeds) <= 0.05 < pairs * p_value([1.0] * (seeds - 1))


def test_power_is_that_of_the_paired_t_test() -> None:
    """By SciPy's noncentral t; with many seeds at the level of 0.05."""
    limit = scipy.stats.t.isf(0.025, 49)
    oracle = scipy.stats.nct.sf(limit, 49, 0.4 * math.sqrt(50)) + scipy.stats.nct.cdf(-limit, 49, 0.4 * math.sqrt(50))
    assert power(0.4, seeds=50) == pytest.approx(oracle)
    assert power(-0.4, seeds=50) == power(0.4, seeds=50)
    assert power(5, seeds=5) == 0


def test_forecasts_agree_with_the_power() -> None:
    """So many more seeds reach 80 %, one fewer does not; the detectable difference has exactly 80 %."""
    more = more_seeds_needed(0.6, seeds=8, pairs=3)
    assert more is not None
    assert power(0.6, seeds=8 + more - 1, pairs=3) < 0.8 <= power(0.6, seeds=8 + more, pairs=3)
    effect = detectable_difference(seeds=8)
    assert effect is not None
    assert power(effect, seeds=8) == pytest.approx(0.8)
    assert detectable_difference(seeds=8, sd=0.002) == pytest.approx(0.002 * effect)
    assert (detectable_difference(seeds=5), more_seeds_needed(0.01, seeds=8)) == (None, None)


def test_a_pair_is_compared_seed_by_seed() -> None:
    """The difference, its interval, and wins with ties counted half are those of the paired differences."""
    adam, sgd = [0.97, 0.98, 0.96, 0.97, 0.98, 0.97], [0.95, 0.98, 0.97, 0.95, 0.96, 0.95]
    compared = compare(arm("adam", adam), arm("sgd", sgd), ACCURACY)
    oracle = scipy.stats.ttest_rel(adam, sgd).confidence_interval()
    assert compared.interval is not None
    assert (compared.interval.low, compared.interval.high) == pytest.approx((oracle.low, oracle.high))
    assert compared.difference == pytest.approx(np.mean(adam) - np.mean(sgd))
    assert (compared.wins, compared.losses, compared.ties) == (4, 1, 1)
    assert compared.probability_better == pytest.approx(4.5 / 6)
    assert (compared.seeds, compared.missing) == (6, 0)


def test_a_smaller_loss_is_better() -> None:
    """The difference keeps its sign; wins and the verdict turn it."""
    analysis = analyse([arm("a", [0.1] * 8), arm("b", [0.05 + 0.001 * n for n in range(8)])], LOSS)
    pair = analysis.pairs[0]
    assert (pair.compared.arm, pair.verdict, pair.compared.wins) == ("b", "better", 8)
    assert pair.compared.difference == pytest.approx(-0.0465)
    assert analysis.best is not None
    assert analysis.best.arm.name == "b"


def test_the_noise_of_the_test_set_is_known() -> None:
    """Of accuracies, the binomial deviation is known; the difference of two has at most both together."""
    analysis = analyse([arm("a", [0.98, 0.98]), arm("b", [0.95, 0.95])], ACCURACY)
    assert analysis.arms[0].test_set_sd == pytest.approx(math.sqrt(0.98 * 0.02 / 10_000))
    assert analysis.pairs[0].compared.test_set_sd == pytest.approx(math.sqrt((0.98 * 0.02 + 0.95 * 0.05) / 10_000))
    assert analyse([arm("a", [0.1]), arm("b", [0.2])], LOSS).arms[0].test_set_sd is None


def test_scipy_is_imported_by_the_first_result() -> None:
    """Whatever imports this package starts without it, and an experiment needs only its special functions."""
    script = """
import sys, service.experiments as experiments
assert "scipy" not in sys.modules
experiments.detectable_difference(seeds=8)
assert "scipy.special" in sys.modules and "scipy.stats" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_arm_with_a_diverged_run_is_not_the_best() -> None:
    """However good its other runs are, for a run that diverged is worse than any value."""
    best = analyse([arm("wild", [0.99, "diverged"]), arm("calm", [0.97, 0.96])], ACCURACY).best
    assert best is not None
    assert best.arm.name == "calm"
