"""`make bench-record` by its parts: recipes are jobs, and the clock stops at the first epoch that is good enough."""

from typing import Any

import pytest

from bench.record import RECIPES, Recipe, first_at, lines, row
from bench.record_run import Epoch, epochs
from service.domain.config import ConfigLimits, resolve

LIMITS = ConfigLimits(max_epochs=20, max_layers=4, max_units=1024)


def accuracies(*each: float) -> list[Epoch]:
    """Return epochs of a second, and two of processor time, with these accuracies."""
    return [Epoch(seconds=n, processor_s=2 * n, accuracy=accuracy) for n, accuracy in enumerate(each, start=1)]


def test_the_first_epoch_with_the_target_counts() -> None:
    """Exactly the target suffices, a later fall does not matter, and a training below it has not reached it."""
    training = accuracies(0.9799, 9_800 / 10_000, 0.97)
    assert first_at(training, 98.0) == (2, training[1])
    assert first_at(training, 98.5) is None


def test_a_seed_that_fails_counts_as_endless() -> None:
    """A failure moves the median to the slower ones, and with most of them there is no median."""
    recipe = Recipe(label="a", body={}, targets=(98.0,))
    quick, slow, fails = accuracies(0.98), accuracies(0.9, 0.9, 0.98), accuracies(0.97)
    assert row(recipe, 98.0, [quick, slow, fails]) == [
        "98 %",
        "**a**",
        "3.00 (1.00..3.00)",
        "3 (1..3)",
        "6.00 (2.00..6.00)",
        "2 of 3",
    ]
    assert row(recipe, 98.0, [fails, fails])[2:] == ["not reached", "not reached", "not reached", "0 of 2"]


def test_each_target_has_a_recipe_beside_a_preset() -> None:
    """Each target is a row of the fastest recipe, with the preset's seconds by its own, and a row of the preset."""
    runs = {
        recipe.label: [accuracies(0.9, 0.995) if recipe.is_record else accuracies(0, 0, 0.995)] for recipe in RECIPES
    }
    rows = lines("A machine.", runs)[-6:]
    assert [each.split(" | ")[0] for each in rows] == [
        f"| {target} %" for target in ("98", "98", "98.5", "98.5", "99", "99")
    ]
    assert [each.split(" | ")[-1] for each in rows] == ["1.50 |", " |"] * 3


@pytest.mark.parametrize("body", [recipe.body for recipe in RECIPES], ids=[recipe.label for recipe in RECIPES])
def test_a_recipe_is_the_body_of_a_job(body: dict[str, Any]) -> None:
    """The service accepts each recipe, and none has a seed of its own or holds images out."""
    config = resolve(body, LIMITS)
    assert (config.seed, config.dataset, config.validation_split) == (None, "mnist", 0.0)


def test_a_training_reports_each_epoch() -> None:
    """A training by a recipe returns the time and the test accuracy after each epoch."""
    done = epochs(RECIPES[0].body, seed=1, samples=300)
    assert len(done) == RECIPES[0].body["epochs"]
    assert [epoch.seconds for epoch in done] == sorted(epoch.seconds for epoch in done)
    assert all(0.05 < epoch.accuracy < 0.98 and epoch.processor_s > 0 for epoch in done)
