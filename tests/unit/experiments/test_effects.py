"""What a sweep shows about its parameters, against truths that the tests choose."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_rel

from service.experiments import Question, analyse
from service.experiments.sweeps import Exploration, explore
from tests.unit.experiments.arms import arm

RATE, UNITS = "/optimizer/learning_rate", "/network/layers/0/units"
SEED_EFFECTS = [0.0, 0.001, -0.002, 0.0005]


def explored(
    arms: Mapping[str, tuple[dict[str, Any], Sequence[float | str]]], metric: str = "test_accuracy"
) -> Exploration:
    """Return what arms show: for each its values, and the results of its runs."""
    analysis = analyse([arm(name, runs) for name, (_, runs) in arms.items()], Question(metric=metric))
    return explore(analysis, {name: values for name, (values, _) in arms.items()})


def grid(score: Callable[[float, int], float]) -> dict[str, tuple[dict[str, Any], list[float | str]]]:
    """Return the arms of a full grid, whose scores *score* chooses; a seed does the same to all arms."""
    return {
        f"{rate}, {units}": ({RATE: rate, UNITS: units}, [score(rate, units) + each for each in SEED_EFFECTS])
        for rate, units in product((0.1, 0.01), (32, 64, 128))
    }


def importances(exploration: Exploration) -> dict[str, float | None]:
    """Return the importance of each parameter by its label."""
    return {effect.label: effect.importance for effect in exploration.effects}


def test_importance_is_the_share_of_the_main_effect() -> None:
    """Two additive parameters share the variation as their variances do; the most important one is first."""
    found = explored(grid(lambda rate, units: 0.9 + rate * 0.1 + units * 1e-5))
    rate, units = np.var([0.01, 0.001]), np.var([32e-5, 64e-5, 128e-5])
    assert found.method == "main_effects"
    assert list(importances(found)) == ["learning_rate", "units"]
    assert importances(found) == pytest.approx(
        {"learning_rate": rate / (rate + units), "units": units / (rate + units)}
    )
    assert (found.rest, found.noise) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    assert (found.seeds, found.arms, list(found.left_out)) == (4, 6, [])


def test_what_parameters_do_only_together_is_the_rest() -> None:
    """If a large rate helps only some sizes, and hurts the others as much, neither matters alone."""
    arms = {
        f"{a}{b}": ({"/a": a, "/b": b}, [0.9 + 0.01 * (a ^ b)] * 2) for a, b in product((0, 1), (0, 1))
    }  # fmt: skip
    found = explored(arms)
    assert importances(found) == pytest.approx({"a": 0, "b": 0}, abs=1e-9)
    assert found.rest == pytest.approx(1)


def test_noise_makes_no_parameter_important() -> None:
    """Over many sweeps in which nothing matters, the importance of each parameter is small, and noise explains it."""
    random = np.random.default_rng(2)
    shares = []
    for _ in range(40):
        arms = {
            name: (values, random.normal(0.9, 0.01, 4).tolist()) for name, (values, _) in grid(lambda *_: 0).items()
        }
        noisy = explored(arms)
        shares.append([noisy.noise or 0.0, *(share or 0.0 for share in importances(noisy).values())])
    assert np.mean(shares, axis=0)[0] > 0.7
    assert np.mean(shares, axis=0)[1:].max() < 0.25


def test_of_two_arms_noise_is_what_the_paired_t_test_says() -> None:
    """With two values, the share of noise is 1 / F of the analysis of variance, which is 1 / t² of paired runs."""
    first, second = [0.95, 0.97, 0.96, 0.955], [0.96, 0.975, 0.98, 0.961]
    found = explored({"a": ({"/x": 1}, first), "b": ({"/x": 2}, second)})
    noise = 1 / float(ttest_rel(first, second).statistic) ** 2
    assert (found.noise, found.effects[0].importance) == (pytest.approx(noise), pytest.approx(1 - noise))


def test_random_draws_show_the_parameter_that_matters() -> None:
    """Of numbers that never repeat, the curve is over bins; a parameter without effect has almost no importance."""
    random = np.random.default_rng(1)
    arms = {}
    for number in range(60):
        rate, decay = 10 ** random.uniform(-4, 0), random.uniform(0, 1)
        score = 0.98 - 0.02 * (math.log10(rate) + 2) ** 2
        arms[str(number)] = ({"/rate": rate, "/decay": decay}, (score + random.normal(0, 0.001, 3)).tolist())
    found = explored(arms)
    assert found.method == "binned_main_effects"
    shares = importances(found)
    assert (shares["rate"] or 0) > 0.85
    assert (shares["decay"] or 0) < 0.1
    points = found.effects[0].points
    assert len(points) == 8
    assert max(points, key=lambda point: point.best).group.value == pytest.approx(0.01, rel=0.8)
    assert [point.group.low for point in points] == sorted(point.group.low or 0 for point in points)


def test_a_curve_has_a_band_over_the_seeds() -> None:
    """At each value: the mean over all arms with it, its interval over the seeds, and the best arm."""
    found = explored(grid(lambda rate, units: 0.9 + rate * 0.1 + units * 1e-5))
    first, second = found.effects[0].points
    assert (first.group.value, second.group.value) == (0.01, 0.1)
    assert first.summary.n == 4
    assert first.summary.mean == pytest.approx(0.901 + 224e-5 / 3 + np.mean(SEED_EFFECTS))
    assert first.summary.interval is not None
    assert first.best == pytest.approx(0.901 + 128e-5 + np.mean(SEED_EFFECTS))


def test_values_that_are_no_numbers_stay_in_their_order() -> None:
    """Optimizers are values, too; for a loss the best is the smallest."""
    arms = {name: ({"/optimizer": {"name": name}}, [loss]) for name, loss in (("sgd", 0.3), ("adam", 0.1), ("x", 0.2))}
    found = explored(arms, metric="test_loss")
    assert [point.group.value["name"] for point in found.effects[0].points] == ["sgd", "adam", "x"]
    assert [each.best for each in found.best_so_far] == [0.3, 0.1, 0.1]
    assert [each.best_arm for each in found.best_so_far] == ["sgd", "adam", "adam"]
    assert (found.noise, found.effects[0].importance) == (None, pytest.approx(1))


def test_a_diverged_run_counts_as_the_worst_value() -> None:
    """That a large rate diverges is what the sweep shows about it; failures and stopped arms are left out."""
    arms: dict[str, tuple[dict[str, Any], list[float | str]]] = {
        "0.1": ({"/rate": 0.1}, [0.97, 0.98, 0.97]),
        "0.01": ({"/rate": 0.01}, [0.95, 0.96, "stopped"]),
        "10": ({"/rate": 10}, ["diverged", "diverged", "stopped"]),
        "1": ({"/rate": 1}, [0.97, "failed", 0.96]),
        "2": ({"/rate": 2}, ["pending", "pending", "pending"]),
    }
    found = explored(arms)
    assert (found.seeds, found.arms, list(found.left_out)) == (2, 3, ["1", "2"])
    assert [(point.group.value, point.summary.mean) for point in found.effects[0].points] == [
        (0.01, pytest.approx(0.955)),
        (0.1, pytest.approx(0.975)),
        (10, pytest.approx(0.95)),
    ]


@pytest.mark.parametrize("runs", [["pending"], ["failed"], ["diverged"]])
def test_a_sweep_without_results_shows_nothing(runs: list[float | str]) -> None:
    """It is no error."""
    found = explored({"a": ({"/x": 1}, runs), "b": ({"/x": 2}, runs)})
    assert (found.effects, found.method, found.best_so_far) == ((), None, [])


def test_equal_arms_have_no_important_parameter() -> None:
    """Where nothing varies, there is nothing to share; rounding is no variation."""
    found = explored({"a": ({"/x": 1}, [0.1 + 0.2, 0.3]), "b": ({"/x": 2}, [0.3, 0.1 + 0.2])})
    assert (found.effects[0].importance, found.rest) == (None, None)
    alone = explored({"a": ({"/x": 1}, [0.9]), "b": ({"/x": 2}, ["pending"])})
    assert (alone.arms, alone.effects[0].importance) == (1, None)
