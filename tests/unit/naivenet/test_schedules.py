"""Schedules: compared with their formulas and with Keras, and the same after a resume."""

from itertools import islice
from typing import Any

import keras
import numpy as np
import pytest

from naivenet import (
    SCHEDULES,
    NaiveSequential,
    Network,
    ParameterError,
    RunLength,
    Steps,
    describe,
    fit,
    from_state,
    get_optimizer,
    get_schedule,
    load_weights,
    to_state,
    train,
)

RUN = RunLength(total_steps=100, steps_per_epoch=10)
Samples = tuple[np.ndarray, np.ndarray]
CHOSEN: dict[str, dict[str, Any]] = {
    "constant": {"warmup_steps": 7},
    "step": {"every_epochs": 1, "factor": 0.5},
    "exponential": {"factor": 0.5, "warmup_epochs": 0.5},
    "cosine": {"warmup_steps": 3, "final": 0.1},
}


def rates(name: str, **parameters: Any) -> list[float]:
    """Return the rate of each step of the run, for a base rate of 0.1."""
    schedule = get_schedule(name, **parameters)
    return [schedule.rate(0.1, taken, RUN) for taken in range(RUN.total_steps)]


def keras_rates(schedule: Any) -> np.ndarray:
    """Return the rates of Keras's schedule for the same steps."""
    return np.array([float(schedule(step)) for step in range(RUN.total_steps)])


def test_every_schedule_is_compared() -> None:
    """Every schedule is tested, and describes its parameters for a form."""
    assert set(CHOSEN) == set(SCHEDULES)
    assert all({"warmup_steps", "warmup_epochs"} <= {each.name for each in describe(s)} for s in SCHEDULES.values())


def test_constant_is_the_base_rate() -> None:
    """Every step has exactly the optimizer's rate."""
    assert set(rates("constant")) == {0.1}


def test_a_warm_up_climbs_in_a_straight_line() -> None:
    """The rates of a warm-up of four steps are 1/4, 2/4, 3/4 and 4/4; a length in epochs is converted to steps."""
    assert rates("constant", warmup_steps=4)[:6] == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1])
    assert rates("constant", warmup_epochs=0.4) == rates("constant", warmup_steps=4)


def test_exponential_is_keras() -> None:
    """The rates equal those of Keras's ExponentialDecay over an epoch's steps."""
    theirs = keras_rates(keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.8))
    np.testing.assert_allclose(rates("exponential", factor=0.8), theirs, rtol=1e-5)


def test_step_is_keras_staircase() -> None:
    """The rates equal those of Keras's ExponentialDecay with a staircase."""
    chosen = {"decay_steps": 30, "decay_rate": 0.5, "staircase": True}
    theirs = keras_rates(keras.optimizers.schedules.ExponentialDecay(0.1, **chosen))
    np.testing.assert_allclose(rates("step", factor=0.5, every_epochs=3), theirs, rtol=1e-5)


def test_cosine_is_keras() -> None:
    """The rates equal those of Keras's CosineDecay over the steps after the warm-up."""
    theirs = keras_rates(keras.optimizers.schedules.CosineDecay(0.1, decay_steps=80, alpha=0.1))
    np.testing.assert_allclose(rates("cosine", final=0.1, warmup_steps=20)[20:], theirs[:80], rtol=1e-5)


def test_a_schedule_may_outlast_its_run() -> None:
    """With a warm-up longer than the run, and after the end, rates stay between 0 and the base."""
    schedule = get_schedule("cosine", warmup_steps=90)
    assert all(0 <= schedule.rate(0.1, taken, RUN) <= 0.1 for taken in range(300))
    assert rates("cosine", warmup_steps=1000)[-1] == pytest.approx(0.01)


def test_a_warm_up_of_two_lengths_is_refused() -> None:
    """A warm-up has a length in steps or in epochs, not both."""
    with pytest.raises(ParameterError, match="not both"):
        get_schedule("cosine", warmup_steps=1, warmup_epochs=1)


def weight_bytes(model: NaiveSequential) -> list[bytes]:
    """Return the bytes of each weight."""
    return [weight.numpy().tobytes() for weight in model.weights]


NETWORK = Network.from_dict(
    {"layers": [{"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}}]}
)


def test_each_step_moves_by_its_own_rate(few: Samples) -> None:
    """A scheduled run equals, bit for bit, one whose rate is set before every step."""
    schedule = get_schedule("exponential", factor=0.1)
    scheduled, by_hand = (NETWORK.build(784, seed=1) for _ in range(2))
    optimizer = get_optimizer("adam", learning_rate=0.01)
    fit(scheduled, *few, epochs=2, optimizer=optimizer, schedule=schedule)
    run = train(by_hand, *few, epochs=2, optimizer=optimizer, chunk_steps=1)
    length = RunLength(total_steps=16, steps_per_epoch=8)
    run.updater.learning_rate = schedule.rate(0.01, 0, length)
    for event in run:
        run.updater.learning_rate = schedule.rate(0.01, event.position.step, length)
    assert weight_bytes(scheduled) == weight_bytes(by_hand)


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("stop_after", [1, 3, 5])
def test_a_scheduled_run_is_the_same_wherever_it_is_cut(few: Samples, name: str, stop_after: int) -> None:
    """With other chunks, and after a stop and a resume, a scheduled run ends with the same bytes."""
    chosen: dict[str, Any] = {
        "epochs": 3,
        "batch_size": 96,
        "shuffle": True,
        "optimizer": get_optimizer("sgd", learning_rate=0.1, momentum=0.9),
        "schedule": get_schedule(name, **CHOSEN[name]),
    }
    whole = NETWORK.build(784, seed=1)
    list(train(whole, *few, **chosen, chunk_steps=100))
    model = NETWORK.build(784, seed=1)
    run = train(model, *few, **chosen, chunk_steps=3)
    last = list(islice(run, stop_after))[-1]
    slots, start = from_state(to_state(run.updater.slots(), last.position))
    again = NETWORK.build(784, seed=2)
    load_weights(again, model.numpy())
    list(train(again, *few, **chosen, chunk_steps=2, start=start, slots=slots))
    assert weight_bytes(again) == weight_bytes(whole)


def test_a_chunk_ends_at_a_boundary(few: Samples) -> None:
    """An event comes at each boundary, and between boundaries chunks keep their length."""
    run = train(NETWORK.build(784, seed=1), *few, epochs=2, chunk_steps=100, boundaries=[0, 3, 4, 8, 13, 99])
    assert [event.last_step for event in run if isinstance(event, Steps)] == [3, 4, 7, 8, 13, 15, 16]


def test_a_run_says_what_rate_a_step_takes(few: Samples) -> None:
    """The rate of a step is the schedule's share of the updater's current learning rate."""
    run = train(NETWORK.build(784, seed=1), *few, epochs=2, schedule=get_schedule("step", every_epochs=1))
    assert [run.rate(step) for step in (8, 9)] == pytest.approx([0.001, 0.0001])
    run.updater.learning_rate = 1.0
    assert run.rate(9) == pytest.approx(0.1)
