"""Compiled programs: runs of the same kind share one, and XLA gives the numbers of TensorFlow's kernels."""

import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from naivenet import (
    NOTEBOOK_NETWORK,
    EpochEnd,
    Execution,
    NaiveSequential,
    Steps,
    fit,
    fitting_execution,
    from_state,
    get_optimizer,
    load_weights,
    make_updater,
    one_training_step,
    to_state,
    train,
)
from naivenet.engine.graph import STEPS_AT_ONCE, compile_steps

Samples = tuple[np.ndarray, np.ndarray]


def weight_bytes(model: NaiveSequential) -> list[bytes]:
    """Return the bytes of each weight."""
    return [weight.numpy().tobytes() for weight in model.weights]


@pytest.mark.parametrize("name", ["naive", "sgd", "adam", "rmsprop", "lion"])
def test_xla_comes_to_the_same(few: Samples, name: str) -> None:
    """Every loss of two epochs by XLA equals the loss by TensorFlow's kernels within rounding."""
    results = []
    for execution in ("graph", "xla"):
        model = NOTEBOOK_NETWORK.build(784, seed=1)
        run = train(model, *few, epochs=2, optimizer=get_optimizer(name), execution=execution)
        results.append(np.concatenate([event.losses for event in run if isinstance(event, Steps)]))
    np.testing.assert_allclose(*results, rtol=1e-3)


def test_with_xla_a_resumed_run_ends_the_same(few: Samples) -> None:
    """A run that is saved within an epoch and resumed with another model ends with the same bytes."""
    choices: dict[str, Any] = {"epochs": 2, "shuffle": True, "seed": 3, "execution": "xla"}
    whole = NOTEBOOK_NETWORK.build(784, seed=1)
    list(train(whole, *few, **choices, optimizer=get_optimizer("adam")))

    model, again = (NOTEBOOK_NETWORK.build(784, seed=seed) for seed in (1, 2))
    run = train(model, *few, **choices, optimizer=get_optimizer("adam"), chunk_steps=5)
    position = next(iter(run)).position
    slots, start = from_state(to_state(run.updater.slots(), position))
    load_weights(again, model.numpy())
    list(train(again, *few, **choices, optimizer=get_optimizer("adam"), start=start, slots=slots))
    assert weight_bytes(again) == weight_bytes(whole)


@pytest.mark.parametrize("execution", ["graph", "xla"])
def test_two_runs_on_one_program_are_independent(few: Samples, execution: Execution) -> None:
    """Two models that train alternately on one program, at different rates, end as each does alone."""
    choices: dict[str, Any] = {"epochs": 1, "chunk_steps": 2, "execution": execution}

    def run(seed: int) -> tuple[NaiveSequential, Any]:
        model = NOTEBOOK_NETWORK.build(784, seed=seed)
        optimizer = get_optimizer("sgd", learning_rate=seed / 100, momentum=0.9)
        return model, train(model, *few, **choices, optimizer=optimizer)

    alone = []
    for seed in (1, 2):
        model, events = run(seed)
        list(events)
        alone.append(weight_bytes(model))
    (one, its), (other, theirs) = run(1), run(2)
    list(zip_longest(its, theirs))
    assert [weight_bytes(one), weight_bytes(other)] == alone


def test_models_of_one_kind_are_traced_once(few: Samples) -> None:
    """The program of a first model also trains a second one of the same kind with another learning rate."""
    traced = []

    def step(*args: Any) -> Any:
        traced.append(args)
        return one_training_step(*args)

    for seed in (1, 2):
        model = NOTEBOOK_NETWORK.build(784, seed=seed)
        updater = make_updater(get_optimizer("adam", learning_rate=seed / 1000), model.weights)
        run = compile_steps(step, model, few[0], few[1].astype(np.int32), updater)
        for steps in (1, 3):
            numbers = np.arange(steps * 10, dtype=np.int32).reshape(steps, 10)
            losses, correct = run(numbers, np.full(steps, 0.001, np.float32))
            assert len(losses) == len(correct) == steps
    assert len(traced) == 1


def test_a_chunk_has_at_most_the_steps_of_one_call(few: Samples) -> None:
    """A chunk that is longer than a call can be is split into several."""
    model = NOTEBOOK_NETWORK.build(784, seed=1)
    run = train(model, *few, epochs=1, batch_size=2, chunk_steps=10**6)
    sizes = [len(event.losses) for event in run if isinstance(event, Steps)]
    assert max(sizes) == STEPS_AT_ONCE
    assert sum(sizes) == 500


def test_xla_is_for_long_runs_on_several_threads(few: Samples) -> None:
    """Short runs and runs on one thread do not use XLA, and a run reports its execution."""
    long, short = 10_000, 100
    found = [fitting_execution(steps=steps, threads=threads) for steps in (short, long) for threads in (1, 2)]
    assert found == ["graph", "graph", "graph", "xla"]
    assert train(NOTEBOOK_NETWORK.build(784, seed=1), *few, epochs=1).execution == "graph"


def test_images_are_left_as_they_are(mnist: Any) -> None:
    """Training on a read-only memory-mapped file does not change it."""
    images, labels = mnist.x_train[:200], mnist.y_train[:200]
    assert not images.flags.writeable
    before = images.tobytes()
    history = fit(NOTEBOOK_NETWORK.build(784, seed=1), images, labels, epochs=1)
    assert isinstance(history.epochs[0], EpochEnd)
    assert images.tobytes() == before


COUNT_COMPILATIONS = """
import numpy as np
from pathlib import Path
from naivenet import Layer, Network, get_optimizer, make_updater, one_training_step
from naivenet.engine.graph import compile_steps

network = Network(layers=(Layer(units=10, activation="softmax"),))
images, labels = np.zeros((100, 784), np.float32), np.zeros(100, np.int32)
counts = []
for seed, steps in [(1, 1), (1, 3), (1, 256), (2, 7)]:
    model = network.build(784, seed=seed)
    updater = make_updater(get_optimizer("sgd"), model.weights)
    run = compile_steps(one_training_step, model, images, labels, updater, xla_batch_size=10)
    losses, _ = run(np.zeros((steps, 10), np.int32), np.full(steps, 0.1, np.float32))
    assert len(losses) == steps and np.isfinite(losses).all()
    counts.append(sum("before_optimizations" in file.name for file in Path("dump").iterdir()))
print(*counts)
"""


def test_xla_compiles_once_for_all_numbers_of_steps(tmp_path: Path) -> None:
    """After the first call, XLA compiles nothing more: not for other numbers of steps, nor for another model."""
    environment = {**os.environ, "XLA_FLAGS": "--xla_dump_to=dump", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", COUNT_COMPILATIONS]
    output = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True).stdout
    counts = [int(count) for count in output.split()]
    assert counts[0] >= 1
    assert len(set(counts)) == 1
