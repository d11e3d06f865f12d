"""`fit` with the optimizers that students pass, by name, by object and by class, and the choices that it refuses."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import naivenet
from naivenet import (
    SGD,
    Adam,
    CosineDecay,
    ParameterError,
    UnknownName,
    evaluate,
    fit,
    from_state,
    load_weights,
    to_state,
    train,
)
from tests.unit.naivenet.runs import NETWORK, Samples, applied_by, built, by_hand, eager, weight_bytes


def keras_optimizers() -> dict[str, Callable[[], Any]]:
    """Return optimizers of Keras with all kinds of choices."""
    optimizers, schedules = keras.optimizers, keras.optimizers.schedules
    return {
        "sgd": lambda: optimizers.SGD(learning_rate=1e-3),
        "momentum": lambda: optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        "adam": optimizers.Adam,
        "clipnorm": lambda: optimizers.Adam(0.01, clipnorm=0.1),
        "clipvalue": lambda: optimizers.SGD(0.1, clipvalue=0.001),
        "global_clipnorm": lambda: optimizers.SGD(0.1, global_clipnorm=0.5),
        "weight_decay": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
        "schedule": lambda: optimizers.SGD(schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)),
        "pieces": lambda: optimizers.RMSprop(schedules.PiecewiseConstantDecay([2, 4], [0.01, 0.003, 0.001])),
        "accumulation": lambda: optimizers.SGD(0.1, gradient_accumulation_steps=2),
        "adafactor": lambda: optimizers.Adafactor(0.01),
    }


@pytest.mark.parametrize("name", keras_optimizers())
def test_an_optimizer_object_of_keras_is_used_as_it_is(small: Samples, name: str) -> None:
    """Its learning rate, schedule, clipping and decay hold: the numbers equal `apply_gradients` in Python."""
    expected, model = built(), built()
    theirs, ours = keras_optimizers()[name](), keras_optimizers()[name]()
    losses = eager(expected, small, applied_by(theirs))
    history = fit(model, *small, 2, optimizer=ours)
    np.testing.assert_allclose(history.losses, losses, rtol=1e-5)
    for one, other in zip(model.weights, expected.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6)
    assert int(ours.iterations) == int(theirs.iterations)
    again = fit(built(), *small, 2, optimizer=keras_optimizers()[name](), compiled=False)
    assert again.losses.tobytes() == losses.tobytes()


def test_moving_averages_replace_the_weights_at_the_end(small: Samples) -> None:
    """An optimizer that averages the weights leaves the averages in the model, as Keras's `fit` does."""
    model, expected = built(), built()
    theirs, ours = (keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5) for _ in range(2))
    eager(expected, small, applied_by(theirs))
    last = weight_bytes(expected)
    theirs.finalize_variable_values(expected.weights)
    history = fit(model, *small, 2, optimizer=ours, test=small)
    assert weight_bytes(expected) != last
    for one, other in zip(model.weights, expected.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6)
    assert history.epochs[-1].test_loss == evaluate(model, *small).loss


def test_an_optimizer_that_scales_the_loss_scales_it(small: Samples) -> None:
    """A loss scale changes nothing but the rounding."""
    plain, scaled = built(), built()
    fit(plain, *small, 1, optimizer=keras.optimizers.SGD(0.1))
    fit(scaled, *small, 1, optimizer=keras.optimizers.SGD(0.1, loss_scale_factor=1024.0))
    for one, other in zip(plain.weights, scaled.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_optimizer_goes_on_with_the_same_weights(small: Samples) -> None:
    """A second `fit` of the same model goes on with the optimizer's state."""
    whole, parts = built(), built()
    optimizer = keras.optimizers.Adam(0.01)
    fit(whole, *small, 2, optimizer=keras.optimizers.Adam(0.01))
    for _ in range(2):
        fit(parts, *small, 1, optimizer=optimizer)
    assert weight_bytes(parts) == weight_bytes(whole)
    assert int(optimizer.iterations) == 6


def test_an_optimizer_of_other_weights_is_refused(small: Samples) -> None:
    """The error says to make a new one, and nothing changes."""
    optimizer, other = keras.optimizers.SGD(0.1, momentum=0.9), built()
    fit(built(), *small, 1, optimizer=optimizer)
    with pytest.raises(
        ParameterError, match=r"used with other weights: make a new one .* keras.optimizers.SGD\(\.\.\."
    ):
        fit(other, *small, 1, optimizer=optimizer)
    assert weight_bytes(other) == weight_bytes(built())
    assert int(optimizer.iterations) == 3


def test_an_optimizer_of_keras_resumes_exactly(small: Samples) -> None:
    """A run that is stopped in an epoch ends as the whole run does, when a new optimizer gets its slots."""

    def optimizer() -> Any:
        return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 6))

    whole, model, again = built(), built(), NETWORK.build(784, seed=2)
    fit(whole, *small, 2, optimizer=optimizer())
    run = train(model, *small, epochs=2, optimizer=optimizer(), chunk_steps=1)
    events = iter(run)
    position = [next(events).position for _ in range(2)][-1]
    slots, start = from_state(to_state(run.updater.slots(), position))
    load_weights(again, model.numpy())
    list(train(again, *small, epochs=2, optimizer=optimizer(), start=start, slots=slots))
    assert weight_bytes(again) == weight_bytes(whole)


def test_the_learning_rate_of_a_keras_object_can_change_on_the_way(small: Samples) -> None:
    """A new learning rate holds from the next step, unless the optimizer follows a schedule."""
    model = built()
    run = train(model, *small, epochs=1, chunk_steps=1, optimizer=keras.optimizers.SGD(0.1))
    events = iter(run)
    next(events)
    assert run.updater.learning_rate == pytest.approx(0.1)
    run.updater.learning_rate = 0.0
    before = weight_bytes(model)
    list(events)
    assert weight_bytes(model) == before
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 6)
    run = train(built(), *small, epochs=1, optimizer=keras.optimizers.SGD(schedule))
    with pytest.raises(ParameterError, match="follows a schedule"):
        run.updater.learning_rate = 0.1


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        ({"optimizer": "adam"}, {"optimizer": Adam()}),
        ({"optimizer": "Adam"}, {"optimizer": Adam()}),
        ({"optimizer": "sgd", "learning_rate": 0.1}, {"optimizer": SGD(learning_rate=0.1)}),
        ({"optimizer": SGD}, {"optimizer": SGD()}),
        ({"optimizer": SGD(0.1)}, {"optimizer": SGD(learning_rate=0.1)}),
        ({"optimizer": SGD, "learning_rate": np.float32(0.5)}, {"optimizer": SGD(learning_rate=0.5)}),
        ({"optimizer": keras.optimizers.SGD}, {"optimizer": keras.optimizers.SGD(0.01)}),
        ({"optimizer": keras.optimizers.Adam, "learning_rate": 0.1}, {"optimizer": keras.optimizers.Adam(0.1)}),
        ({"learning_rate": 0.05}, {"update_weights": by_hand}),
        ({"learning_rate": 1}, {"optimizer": naivenet.Naive(learning_rate=1)}),
        ({"schedule": "cosine"}, {"schedule": CosineDecay()}),
        ({"schedule": CosineDecay}, {"schedule": CosineDecay()}),
        ({"update_weights": naivenet.update_weights}, {}),
        ({"update_weights": functools.partial(naivenet.update_weights, learning_rate=0.05)}, {"learning_rate": 0.05}),
        ({"update_weights": lambda g, w: by_hand(g, w)}, {"learning_rate": 0.05}),  # noqa: PLW0108 -- a lambda is the point
    ],
)
def test_two_ways_to_write_the_same(small: Samples, options: dict[str, Any], meant: dict[str, Any]) -> None:
    """Names, classes, rates and functions mean what they say."""
    one, other = built(), built()
    assert fit(one, *small, 1, **options).losses.tobytes() == fit(other, *small, 1, **meant).losses.tobytes()
    assert weight_bytes(one) == weight_bytes(other)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"optimizer": "adamm"}, UnknownName, "did you mean 'adam'"),
        ({"optimizer": 3}, ParameterError, "an optimizer is a name.* not int"),
        ({"optimizer": by_hand}, ParameterError, "optimizer is a function: pass it as update_weights="),
        ({"optimizer": SGD(), "learning_rate": 0.1}, ParameterError, r"write SGD\(learning_rate=0.1\)"),
        ({"optimizer": keras.optimizers.Adam(), "learning_rate": 0.1}, ParameterError, r"write Adam\(learning_rate"),
        ({"optimizer": keras.optimizers.Muon()}, ParameterError, "Muon trains only variables of Keras"),
        ({"optimizer": SGD(), "update_weights": by_hand}, ParameterError, "two rules: pass one"),
        ({"update_weights": by_hand, "learning_rate": 0.1}, ParameterError, "set the rate inside the function"),
        ({"update_weights": 3}, ParameterError, "a function of gradients and weights, not int"),
        ({"update_weights": keras.optimizers.SGD()}, ParameterError, "pass an optimizer as optimizer="),
        ({"update_weights": by_hand, "schedule": "cosine"}, ParameterError, "compute the rate in update_weights"),
        ({"optimizer": keras.optimizers.SGD(), "schedule": "cosine"}, ParameterError, "a schedule of Keras in its opt"),
        ({"learning_rate": CosineDecay()}, ParameterError, "not CosineDecay; pass a schedule of naivenet as schedule="),
        (
            {"learning_rate": tf.Variable(0.1)},
            ParameterError,
            r"not ResourceVariable: write float\(rate\), and set run",
        ),
        ({"learning_rate": "0.1"}, ParameterError, "learning_rate must be a number, not str"),
        ({"schedule": keras.optimizers.schedules.CosineDecay(0.1, 5)}, ParameterError, "belongs in its optimizer"),
        ({"schedule": "cosinus"}, UnknownName, "did you mean 'cosine'"),
        ({"verbose": 2}, ParameterError, "verbose must be 0, 1 or 'auto', not 2"),
        ({"verbose": "yes"}, ParameterError, "verbose must be 0, 1 or 'auto', not 'yes'"),
    ],
)
def test_choices_that_mean_nothing_are_refused(
    small: Samples, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """The error says what to write instead, and no weight changes."""
    model = built()
    with pytest.raises(error, match=message):
        fit(model, *small, 1, **options)
    assert weight_bytes(model) == weight_bytes(built())


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (lambda: tf.constant(0.1), r"SGD.learning_rate must be float, .*: write float\(rate\)"),
        (CosineDecay, "pass a schedule of naivenet as schedule="),
        (lambda: keras.optimizers.schedules.CosineDecay(0.1, 5), "one of Keras in its optimizer"),
    ],
    ids=["tensor", "schedule", "schedule of Keras"],
)
def test_a_rate_that_is_no_number_is_refused_by_our_optimizers(rate: Callable[[], Any], message: str) -> None:
    """Keras takes a schedule as its learning rate; the error says where it belongs here."""
    with pytest.raises(ParameterError, match=message):
        SGD(learning_rate=rate())
