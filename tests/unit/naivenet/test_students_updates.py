"""`fit` with the `update_weights` that students write: compiled if it can be, else in Python."""

import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from naivenet import EpochEnd, NaivenetWarning, NaiveSequential, fit, train
from tests.unit.naivenet.runs import Samples, built, by_hand, eager, same, weight_bytes
from tests.unit.naivenet.students import Momentum

learning_rate = 0.05
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
    loops: list[Callable[..., Any]] = [
        eager,
        lambda model, samples, update, _: fit(model, *samples, 1, update_weights=update),
    ]
    for loop in loops:
        model = built()
        monkeypatch.setattr(sys.modules[__name__], "keras_optimizer", make())
        for _ in range(calls):
            loop(model, small, by_keras, 1)
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


def counted() -> int:
    """Count the steps in a function that the update calls."""
    global steps_done  # noqa: PLW0603 -- as students write it
    steps_done += 1
    return steps_done


def with_own_optimizer() -> Callable[[Any, Any], None]:
    """Return the notebook's cell with an optimizer of the student's own."""
    optimizer = Momentum()

    def update_weights(gradients: Any, weights: Any) -> None:
        optimizer.step(gradients, weights)

    return update_weights


def with_counting_function(gradients: Any, weights: Any) -> None:
    """Lower the learning rate by a function that counts."""
    rate = learning_rate / counted()
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub(g * rate)


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
        (with_own_optimizer, "each step changes an attribute of Momentum"),
        (lambda: with_counting_function, "each step changes steps_done"),
    ],
    ids=["numpy", "new optimizer", "counter", "list", "noise", "condition", "object", "optimizer", "function"],
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


def test_numbers_that_cannot_be_drawn_again_are_not_frozen_in_a_graph(small: Samples) -> None:
    """Each step takes another number from a generator: the warning says so, and no step repeats the first one's."""
    model, rates = built(), iter([1e-3 / step for step in range(1, 9)])

    def update(gradients: Any, weights: Any) -> None:
        rate = next(rates)
        for g, w in zip(gradients, weights, strict=True):
            w.assign_sub(g * rate)

    with pytest.warns(NaivenetWarning, match="each step uses other numbers"):
        fit(model, *small, 2, update_weights=update)
    assert next(rates, None) is None  # two were taken to find out, and one by each of six steps


class Switched:
    """A layer that leaves out half of the numbers while its flag is set."""

    weights: tuple[Any, ...] = ()
    training = True

    def __call__(self, x: Any) -> Any:
        """Leave out half of the numbers."""
        return x * tf.constant([0.0, 1.0] * 8) if self.training else x

    def switch_off(self) -> None:
        """Change the flag."""
        self.training = False


def lower_the_rate(_: Switched) -> None:
    """Change the global learning rate, as a student does by hand when the loss no longer falls."""
    global learning_rate  # noqa: PLW0603 -- as students write it
    learning_rate /= 5


def by_global_rate(gradients: Any, weights: Any) -> None:
    """Update at the learning rate of this module."""
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub(g * learning_rate)


@pytest.mark.parametrize("change", [lower_the_rate, Switched.switch_off])
def test_a_python_variable_changed_between_events_holds_from_the_next_step(
    small: Samples, monkeypatch: pytest.MonkeyPatch, change: Callable[[Switched], None]
) -> None:
    """A learning rate that is lowered by hand, or a layer's flag: the weights are those of Python."""
    results = []
    for loop in ("train", "eager"):
        monkeypatch.setattr(sys.modules[__name__], "learning_rate", 0.05)
        switch = Switched()
        model = NaiveSequential([built().layers[0], switch, built().layers[1]])
        if loop == "train":
            for event in train(model, *small, epochs=3, update_weights=by_global_rate):
                if isinstance(event, EpochEnd) and event.epoch == 1:
                    change(switch)
        else:
            eager(model, small, by_global_rate, 1)
            change(switch)
            eager(model, small, by_global_rate, 2)
        results.append(weight_bytes(model))
    assert results[0] == results[1]


def test_an_error_in_a_function_is_the_users_own(small: Samples) -> None:
    """A slip in the function shows itself, not a warning; no weight has changed."""

    def wrong(gradients: Any, weights: Any) -> None:
        weights[0].assign_sub(gradients[0] * learning_rat)  # type: ignore[name-defined]  # noqa: F821 -- the slip

    model = built()
    with pytest.raises(NameError, match="learning_rat"):
        fit(model, *small, 1, update_weights=wrong)
    assert weight_bytes(model) == weight_bytes(built())


def test_an_update_function_that_changes_no_weight_is_a_warning(small: Samples) -> None:
    """`w = w - g * rate` only gives the result a name: the warning says so, and what changes the weight."""

    def slip(gradients: Any, weights: Any) -> None:
        for g, w in zip(gradients, weights, strict=True):
            w = w - g * learning_rate  # noqa: PLW2901 -- the slip

    with pytest.warns(NaivenetWarning, match=r"changes no weight: w\.assign_sub"):
        fit(built(), *small, epochs=1, update_weights=slip)
