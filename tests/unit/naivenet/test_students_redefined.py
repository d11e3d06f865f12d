"""`fit` with an `update_weights` or a training step defined anew: used, or never ignored in silence."""

import contextlib
import sys
from typing import Any

import pytest

import naivenet
from naivenet import NaivenetWarning, fit, one_training_step
from tests.unit.naivenet.runs import Samples, built, by_hand, eager, same


def test_a_redefined_update_weights_is_used(small: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that takes the place of `naivenet.training.update_weights` is used by the step and by `fit`."""
    expected, model, stepped = built(), built(), built()
    losses = eager(expected, small, by_hand)
    monkeypatch.setattr(naivenet.training, "update_weights", by_hand)
    same(model, small, expected, losses)
    assert one_training_step(stepped, small[0][:128], small[1][:128]) == losses[0]
    assert one_training_step(stepped, small[0][128:256], small[1][128:256]) == losses[1]


@pytest.mark.parametrize("module", ["__main__", "naivenet"])
def test_an_update_weights_that_is_not_passed_is_not_ignored_in_silence(
    small: Samples, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    """`fit` warns of a function in the notebook that it does not use, unless a rule is chosen."""
    monkeypatch.setattr(sys.modules[module], "update_weights", by_hand, raising=False)
    for _ in range(2):
        with pytest.warns(
            NaivenetWarning, match=rf"{module} is not used.* fit\(\.\.\., update_weights=update_weights\)"
        ):
            fit(built(), *small, 1)
    rules: list[dict[str, Any]] = [{"learning_rate": 0.1}, {"optimizer": "adam"}, {"update_weights": by_hand}]
    for rule in rules:
        fit(built(), *small, 1, **rule)
    monkeypatch.setattr(sys.modules[module], "update_weights", naivenet.training.update_weights)
    fit(built(), *small, 1)


@pytest.mark.parametrize("warned", [True, False], ids=["imported fit", "own fit"])
def test_a_training_step_beside_an_imported_fit_is_not_ignored_in_silence(
    small: Samples, monkeypatch: pytest.MonkeyPatch, *, warned: bool
) -> None:
    """A notebook's own step is for the notebook's own `fit`; with ours it needs a loop."""
    monkeypatch.setattr(sys.modules["__main__"], "one_training_step", lambda *_: None, raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "fit", fit if warned else by_hand, raising=False)
    context = pytest.warns(NaivenetWarning, match="one_training_step of __main__ is not used by naivenet's fit")
    with context if warned else contextlib.nullcontext():
        fit(built(), *small, 1)


def test_a_step_that_takes_the_place_of_the_librarys_is_used(small: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is used without a warning, also beside an imported one."""
    called = []

    def step(*arguments: Any) -> Any:
        called.append(len(arguments))
        return one_training_step(*arguments)

    monkeypatch.setattr(naivenet.training, "one_training_step", step)
    fit(built(), *small, 1, compiled=False)
    assert called == [4, 4, 4]
