"""`fit` with the `update_weights` that students write: compiled if it can be, else in Python, never ignored."""

import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import naivenet
from naivenet import NaivenetWarning, fit, one_training_step
from tests.unit.naivenet.runs import Samples, built, by_hand, eager, learning_rate, same, weight_bytes

keras_optimizer: Any = None
steps_done = 0
gradient_lengths: list[Any] = []


def by_keras(gradients: Any, weights: Any) -> None:
    """Update as the notebook's other cell does, by a global optimizer."""
    keras_optimizer.apply_gradients(zip(gradients, weights))  # noqa: B905 -- as in the notebook


def test_the_notebooks_update_cell_is_compiled_and_exact(small: Samples) -> None:
    """The function with a global learning rate gives the numbers of Python, to the last bit."""
    expected = built()
    same(built(), small, expected, eager(expected, small, by_hand), update_weights=by_hand)


@pytest.mark.parametrize("calls", [1, 2])
@pytest.mark.parametrize("make", [keras.optimizers.SGD, lambda: keras.optimizers.Adam(0.01)], ids=["sgd", "adam"])
def test_the_notebooks_keras_cell_is_compiled(
    small: Samples, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any], calls: int
) -> None:
    """The function with a global optimizer works with a new optimizer, and with one that goes on."""
    results = []
    for loop in (eager, lambda model, samples, update, epochs: fit(model, *samples, epochs, update_weights=update)):
        model = built()
        monkeypatch.setattr(sys.modules[__name__], "keras_optimizer", make())
        for _ in range(calls):
            loop(model, small, by_keras, 1)  # type: ignore[operator]
        results.append([weight.numpy() for weight in model.weights])
        assert int(keras_optimizer.iterations) == 3 * calls
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6)


def with_numpy(gradients: Any, weights: Any) -> None:
    """Update by NumPy's arithmetic."""
    for g, w in zip(gradients, weights, strict=True):
        w.assign(w.numpy() - g.numpy() * np.float32(learning_rate))


def with_a_new_optimizer(gradients: Any, weights: Any) -> None:
    """Make a new optimizer in each step."""
    keras.optimizers.SGD(learning_rate).apply_gradients(zip(gradients, weights, strict=True))


def with_a_counter(gradients: Any, weights: Any) -> None:
    """Lower the learning rate step by step, by a global counter."""
    global steps_done  # noqa: PLW0603 -- as students write it
    steps_done += 1
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub(g * (learning_rate / steps_done))


def with_a_list(gradients: Any, weights: Any) -> None:
    """Keep the lengths of the gradients."""
    gradient_lengths.append(tf.norm(gradients[0]))
    by_hand(gradients, weights)


def with_noise(gradients: Any, weights: Any) -> None:
    """Add random numbers of NumPy."""
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub((g + np.random.normal(scale=1e-3)) * learning_rate)  # noqa: NPY002 -- as students write it


def with_a_condition(gradients: Any, weights: Any) -> None:
    """Decide in Python."""
    if tf.norm(gradients[0]) > 0:
        by_hand(gradients, weights)


class Decaying:
    """An object with a learning rate that falls."""

    rate = 0.05

    def update(self, gradients: Any, weights: Any) -> None:
        """Update, and lower the rate."""
        for g, w in zip(gradients, weights, strict=True):
            w.assign_sub(g * self.rate)
        self.rate *= 0.9


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        (lambda: with_numpy, "numpy"),
        (lambda: with_a_new_optimizer, "could not be lifted|tf.Variable"),
        (lambda: with_a_counter, "each step changes steps_done"),
        (lambda: with_a_list, "each step changes gradient_lengths"),
        (lambda: with_noise, "each step changes the random numbers of NumPy"),
        (lambda: with_a_condition, "symbolic|OperatorNotAllowed"),
        (lambda: Decaying().update, "each step changes an attribute of Decaying"),
    ],
    ids=["numpy", "new optimizer", "counter", "list", "noise", "condition", "object"],
)
def test_what_cannot_be_compiled_runs_in_python(
    small: Samples, monkeypatch: pytest.MonkeyPatch, update: Callable[[], Any], reason: str
) -> None:
    """One warning says why; the numbers are those of Python; `compiled=False` gives them without a warning."""
    results = []
    for call in ("eager", "fit", "compiled=False"):
        monkeypatch.setattr(sys.modules[__name__], "steps_done", 0)
        gradient_lengths.clear()
        np.random.seed(1)  # noqa: NPY002 -- likewise
        model, rule = built(), update()
        if call == "eager":
            losses = eager(model, small, rule)
        elif call == "fit":
            with pytest.warns(NaivenetWarning, match=f"cannot be compiled .*({reason}).*compiled=False") as caught:
                losses = fit(model, *small, 2, update_weights=rule).losses
            assert len(caught) == 1
            assert caught[0].filename == __file__
        else:
            losses = fit(model, *small, 2, update_weights=rule, compiled=False).losses
        results.append((losses.tobytes(), weight_bytes(model), steps_done, [float(each) for each in gradient_lengths]))
    assert results[0] == results[1] == results[2]


def test_an_error_in_a_function_is_the_users_own(small: Samples) -> None:
    """A slip in the function shows itself, not a warning; no weight has changed."""

    def wrong(gradients: Any, weights: Any) -> None:
        weights[0].assign_sub(gradients[0] * learning_rat)  # type: ignore[name-defined]  # noqa: F821 -- the slip

    model = built()
    with pytest.raises(NameError, match="learning_rat"):
        fit(model, *small, 1, update_weights=wrong)
    assert weight_bytes(model) == weight_bytes(built())


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
    for options in ({"learning_rate": 0.1}, {"optimizer": "adam"}, {"update_weights": by_hand}):
        fit(built(), *small, 1, **options)  # type: ignore[arg-type]
    monkeypatch.setattr(sys.modules[module], "update_weights", naivenet.training.update_weights)
    fit(built(), *small, 1)


def test_an_update_function_that_changes_no_weight_is_a_warning(small: Samples) -> None:
    """`w = w - g * rate` only gives the result a name: the warning says so, and what changes the weight."""

    def slip(gradients: Any, weights: Any) -> None:
        for g, w in zip(gradients, weights, strict=True):
            w = w - g * learning_rate  # noqa: PLW2901 -- the slip

    with pytest.warns(NaivenetWarning, match=r"changes no weight: w\.assign_sub"):
        fit(built(), *small, epochs=1, update_weights=slip)
