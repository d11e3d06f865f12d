"""Arms that cannot become the best any more are given up."""

from typing import Any

import numpy as np
import pytest

from service.experiments import Arm, Hopeless, Question, hopeless, reason
from tests.unit.experiments.arms import arm

QUESTION = Question(metric="test_accuracy", samples=10_000)
GOOD = [0.98, 0.981, 0.979]


def experiment(arms: dict[str, list[Any]], seeds: int = 8) -> list[Arm]:
    """Return arms with these results of the first seeds; all other runs are pending."""
    return [arm(name, [*values, *["pending"] * (seeds - len(values))]) for name, values in arms.items()]


def given_up(arms: dict[str, list[Any]], question: Question = QUESTION) -> list[str]:
    """Return the names of the arms that are given up."""
    return [each.arm for each in hopeless(experiment(arms), question)]


def test_an_arm_that_is_far_behind_is_given_up_after_three_seeds() -> None:
    """SGD with a rate that is far too small need not train eight times."""
    behind = [0.62, 0.63, 0.61]
    assert given_up({"adam": GOOD[:2], "sgd": behind[:2]}) == []
    assert hopeless(experiment({"adam": GOOD, "sgd": behind}), QUESTION) == [
        Hopeless(arm="sgd", leader="adam", seeds=3, difference=pytest.approx(-0.36, abs=0.01))
    ]


@pytest.mark.parametrize(
    "values",
    [
        [0.979, 0.982, 0.978],  # by no more than chance explains
        [0.9799, 0.9809, 0.9789],  # equal differences, by rounding
        [0.62, 0.63, "diverged"],  # a mixture is not judged
        [0.62, 0.63, "failed"],
    ],
)
def test_other_arms_go_on(values: list[Any]) -> None:
    """An arm is given up only if it is clearly worse."""
    assert given_up({"adam": GOOD, "sgd": values}) == []


def test_an_arm_that_diverges_always_is_given_up() -> None:
    """If the leading arm does not."""
    assert given_up({"adam": GOOD, "sgd": ["diverged"] * 3}) == ["sgd"]
    assert given_up({"adam": ["diverged"] * 3, "sgd": ["diverged"] * 3}) == []


def test_the_baseline_is_never_given_up() -> None:
    """All others are compared with it; nor is an arm whose runs have all ended, or that was given up before."""
    arms: dict[str, list[Any]] = {"adam": GOOD, "sgd": [0.62, 0.63, 0.61]}
    assert given_up(arms, Question(metric="test_accuracy", baseline="sgd")) == []
    assert hopeless([arm("adam", GOOD), arm("sgd", arms["sgd"])], QUESTION) == []
    assert given_up({**arms, "sgd": [*arms["sgd"], "stopped"]}) == []


def test_of_losses_the_smaller_one_leads() -> None:
    """An arm with a large loss is given up."""
    assert given_up({"a": [0.1, 0.11, 0.1], "b": [2.3, 2.31, 2.3]}, Question(metric="test_loss")) == ["b"]


def test_the_reason_is_a_sentence() -> None:
    """In both languages."""
    stopped = Hopeless(arm="sgd", leader="adam", seeds=3, difference=-0.36)
    assert reason(stopped, QUESTION, "en").startswith("sgd was stopped after 3 seeds: −36.00 points against adam,")
    assert "−36,00 puntos frente a adam" in reason(stopped, QUESTION, "es")
    assert "diverged in all" in reason(Hopeless(arm="b", leader="a", seeds=3, difference=None), QUESTION, "en")


def test_the_best_arm_is_rarely_given_up() -> None:
    """Of 200 experiments of four equal arms, any is given up in few; so the best one is in less than 5 %."""
    random = np.random.default_rng(3)
    drawn = np.round(random.normal(0.98, 0.0015, (200, 4, 8)), 4).tolist()
    wrong = 0
    for results in drawn:
        looks = ({str(n): values[:seeds] for n, values in enumerate(results)} for seeds in range(3, 8))
        wrong += any("0" in given_up(arms) for arms in looks)
    assert wrong / 200 <= 0.05
