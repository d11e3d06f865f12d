"""Training: the same numbers with all chunk sizes, and after a stop and a resume at any event."""

import time
from collections.abc import Iterable
from itertools import islice, pairwise
from typing import Any

import keras
import numpy as np
import pytest

from naivenet import (
    SGD,
    EpochEnd,
    Execution,
    Layer,
    NaivenetWarning,
    NaiveSequential,
    Network,
    Position,
    Steps,
    evaluate,
    fit,
    from_state,
    get_initializer,
    get_optimizer,
    load_weights,
    to_state,
    train,
)
from naivenet.engine.chunks import ChunkSize

SMALL = Network(
    layers=(
        Layer(units=32, activation="relu", initializer=get_initializer("he_normal")),
        Layer(units=16, activation="tanh", initializer=get_initializer("glorot_uniform")),
        Layer(units=10, activation="softmax", initializer=get_initializer("glorot_uniform")),
    )
)
OPTIMIZERS: dict[str, dict[str, Any]] = {"naive": {}, "sgd": {"momentum": 0.9}, "adam": {}}
EXECUTIONS: list[Execution] = ["graph", "xla"]
Samples = tuple[np.ndarray, np.ndarray]


def weight_bytes(model: NaiveSequential) -> list[bytes]:
    """Return the bytes of each weight."""
    return [weight.numpy().tobytes() for weight in model.weights]


def losses(events: Iterable[Steps | EpochEnd]) -> np.ndarray:
    """Return all losses in order."""
    return np.concatenate([event.losses for event in events if isinstance(event, Steps)])


def epoch_ends(events: Iterable[Steps | EpochEnd]) -> list[tuple[Any, ...]]:
    """Return the epochs without their durations."""
    return [
        (e.epoch, e.step, e.train_loss, e.train_accuracy, e.validation_loss, e.test_accuracy, e.position)
        for e in events
        if isinstance(e, EpochEnd)
    ]


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_size_of_chunks_changes_nothing(few: Samples, optimizer: str, execution: Execution) -> None:
    """Chunks of 1, 7, 100 or a varying number of steps give the same bytes, with shuffling and a short last batch."""
    results = []
    for chunk_steps in (1, 7, 100, None):
        model = SMALL.build(784, seed=1)
        run = train(
            model,
            *few,
            epochs=2,
            batch_size=48,
            shuffle=True,
            seed=5,
            optimizer=get_optimizer(optimizer, **OPTIMIZERS[optimizer]),
            chunk_steps=chunk_steps,
            execution=execution,
        )
        events = list(run)
        results.append((weight_bytes(model), losses(events).tobytes(), epoch_ends(events)))
        assert len(losses(events)) == 2 * 21
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("stop_after", [1, 3, 5, 6, 7])
def test_a_resumed_run_ends_the_same(few: Samples, optimizer: str, stop_after: int) -> None:
    """A run that is stopped after any event, saved and resumed gives the same bytes and events."""
    choices: dict[str, Any] = {
        "epochs": 2,
        "batch_size": 96,
        "shuffle": True,
        "seed": 5,
        "optimizer": get_optimizer(optimizer, **OPTIMIZERS[optimizer]),
        "test": (few[0][:100], few[1][:100]),
    }
    whole_model = SMALL.build(784, seed=1)
    whole = list(train(whole_model, *few, **choices, chunk_steps=2))

    model = SMALL.build(784, seed=1)
    run = train(model, *few, **choices, chunk_steps=2)
    before = list(islice(run, stop_after))
    slots, start = from_state(to_state(run.updater.slots(), before[-1].position))
    again = SMALL.build(784, seed=2)
    load_weights(again, model.numpy())
    after = list(train(again, *few, **choices, chunk_steps=3, start=start, slots=slots))

    assert weight_bytes(again) == weight_bytes(whole_model)
    assert losses(before + after).tobytes() == losses(whole).tobytes()
    assert epoch_ends(before + after) == epoch_ends(whole)


def test_resuming_a_complete_run_does_nothing(few: Samples) -> None:
    """Resuming at the position of the last event yields nothing."""
    run = train(SMALL.build(784, seed=1), *few, epochs=1)
    last = list(run)[-1]
    assert list(train(SMALL.build(784, seed=1), *few, epochs=1, start=last.position)) == []


def test_the_same_seed_gives_the_same_bytes(few: Samples) -> None:
    """A repeated run gives the same bytes; another seed gives another order."""
    models = []
    for seed in (1, 1, 2):
        models.append(SMALL.build(784, seed=7))
        fit(models[-1], *few, epochs=1, shuffle=True, seed=seed)
    once, again, other = map(weight_bytes, models)
    assert once == again
    assert once != other


def test_events_are_numbered_from_one(few: Samples) -> None:
    """Steps and epochs count from 1, and positions hold the number of steps so far."""
    events = list(train(SMALL.build(784, seed=1), *few, epochs=2, batch_size=300, chunk_steps=2))
    counts = [
        (e.first_step, e.last_step, e.epoch, len(e.losses)) if isinstance(e, Steps) else (e.epoch, e.step)
        for e in events
    ]
    assert counts == [
        (1, 2, 1, 2),
        (3, 3, 1, 1),
        (4, 4, 1, 1),
        (1, 4),
        (5, 6, 2, 2),
        (7, 7, 2, 1),
        (8, 8, 2, 1),
        (2, 8),
    ]
    assert events[3].position == Position(step=4)
    assert all(event.seconds > 0 for event in events)


def keras_model(model: NaiveSequential) -> keras.Model:
    """Return the same network with the same weights, of Keras's layers."""
    activations = ["relu", "tanh", "softmax"]
    layers = [
        keras.layers.Dense(layer.output_size, name) for layer, name in zip(model.layers, activations, strict=True)
    ]
    theirs = keras.Sequential([keras.Input((784,)), *layers])
    theirs.set_weights([weight.numpy() for weight in model.weights])
    return theirs


@pytest.mark.parametrize(
    ("optimizer", "theirs"),
    [
        (get_optimizer("naive", learning_rate=0.1), keras.optimizers.SGD(0.1)),
        (get_optimizer("sgd", learning_rate=0.05, momentum=0.9), keras.optimizers.SGD(0.05, momentum=0.9)),
        (get_optimizer("adam"), keras.optimizers.Adam()),
        (get_optimizer("rmsprop"), keras.optimizers.RMSprop()),
    ],
    ids=["naive", "momentum", "adam", "rmsprop"],
)
def test_metrics_are_those_of_keras_fit(few: Samples, optimizer: Any, theirs: Any) -> None:
    """Loss and accuracy of each epoch, on training and validation images, equal those of Keras's `fit`."""
    validation = (few[0][:200], few[1][:200])
    model = SMALL.build(784, seed=1)
    reference = keras_model(model)
    reference.compile(optimizer=theirs, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    expected = reference.fit(
        *few, epochs=2, batch_size=96, shuffle=False, verbose=0, validation_data=validation
    ).history
    epochs = fit(model, *few, epochs=2, batch_size=96, optimizer=optimizer, validation=validation).epochs
    np.testing.assert_allclose([e.train_loss for e in epochs], expected["loss"], rtol=1e-3)
    np.testing.assert_allclose([e.validation_loss for e in epochs], expected["val_loss"], rtol=1e-3)
    np.testing.assert_allclose([e.train_accuracy for e in epochs], expected["accuracy"], atol=0.0021)
    np.testing.assert_allclose([e.validation_accuracy for e in epochs], expected["val_accuracy"], atol=0.0051)


def test_metrics_on_test_images_are_those_of_evaluate(few: Samples) -> None:
    """The test metrics of an epoch equal those of `evaluate`; without validation images, theirs are None."""
    model = SMALL.build(784, seed=1)
    (end,) = fit(model, *few, epochs=1, test=few).epochs
    evaluation = evaluate(model, *few)
    assert (end.test_loss, end.test_accuracy) == (evaluation.loss, evaluation.accuracy)
    assert end.validation_loss is None
    assert end.validation_accuracy is None


def test_bytes_train_as_floats_do(mnist: Any, few: Samples) -> None:
    """Images as bytes, flat or square, give the losses of the same images as floats."""
    flat, square = mnist.x_train[:1000].reshape(1000, 784), mnist.x_train[:1000]
    floats, *others = (
        fit(SMALL.build(784, seed=1), images, few[1], epochs=2).losses for images in (few[0], flat, square)
    )
    for bytes_losses in others:
        np.testing.assert_allclose(bytes_losses, floats, rtol=1e-4)


def test_labels_may_be_of_any_integer_dtype(few: Samples) -> None:
    """Labels as bytes or as 64-bit integers are the same labels."""
    ours = [fit(SMALL.build(784, seed=1), few[0], few[1].astype(d), epochs=1).losses for d in ("u1", "i8", "u4")]
    assert len({each.tobytes() for each in ours}) == 1


def test_the_learning_rate_can_be_changed_on_the_way(few: Samples) -> None:
    """A learning rate of 0 that is set between two events holds from the next step."""
    model = SMALL.build(784, seed=1)
    run = train(model, *few, epochs=2, chunk_steps=2)
    events = iter(run)
    next(events)
    run.updater.learning_rate = 0.0
    before = weight_bytes(model)
    list(events)
    assert weight_bytes(model) == before


def test_the_consumers_time_does_not_count(few: Samples) -> None:
    """The time that the caller spends between two events is not counted."""
    run = train(SMALL.build(784, seed=1), *few, epochs=1, chunk_steps=4)
    spent = 0.0
    for event in run:
        time.sleep(0.3)
        if isinstance(event, EpochEnd):
            assert event.seconds == pytest.approx(spent, abs=0.2)
        else:
            spent += event.seconds


def test_a_chunk_takes_less_than_100_ms(mnist: Any) -> None:
    """Chunks grow by themselves, and after a chunk of over 100 ms the next one is not longer."""
    run = train(SMALL.build(784, seed=1), mnist.x_train, mnist.y_train, epochs=1)
    chunks = [event for event in run if isinstance(event, Steps)][1:]
    assert max(len(chunk.losses) for chunk in chunks) > 1
    for chunk, following in pairwise(chunks):
        assert chunk.seconds < 0.1 or len(following.losses) <= len(chunk.losses)


def test_the_chunk_size_follows_the_time_of_steps() -> None:
    """A chunk grows while it is fast and shrinks when it is slow, down to one step."""
    size = ChunkSize(None)
    size.took(1, 5.0)
    assert size.steps == 1
    size.took(1, 0.001)
    assert size.steps == 4
    size.took(4, 0.004)
    assert size.steps == 16
    size.took(3, 9.0)
    assert size.steps == 16
    size.took(16, 0.28)
    assert size.steps == 4
    size.took(4, 9.0)
    assert size.steps == 1


def test_a_loss_that_is_not_finite_is_reported(few: Samples) -> None:
    """A run with infinite losses continues and reports them; the caller decides what to do."""
    network = Network(layers=(Layer(units=10, activation="linear"), Layer(units=10, activation="softmax")))
    images = few[0] * np.float32(1e38)
    with pytest.warns(NaivenetWarning, match=r"images / 255"):
        history = fit(network.build(784, seed=1), images, few[1], epochs=2, optimizer=SGD(learning_rate=100))
    assert not np.isfinite(history.losses).all()
    assert len(history.epochs) == 2


def test_one_layer_is_enough(few: Samples) -> None:
    """A network of one layer learns too."""
    network = Network(layers=(Layer(units=10, activation="softmax", initializer=get_initializer("zeros")),))
    history = fit(network.build(784, seed=1), *few, epochs=5, optimizer=get_optimizer("sgd", learning_rate=0.1))
    assert history.losses[0] == pytest.approx(np.log(10), rel=1e-5)
    assert history.epochs[-1].train_accuracy > 0.6
