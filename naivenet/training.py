"""Trains: one step as a student reads it, and many such steps in one graph as a machine likes it."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import tf
from naivenet.batches import count_batches, epoch_order
from naivenet.choices.optimizers import Naive, Optimizer, update_weights
from naivenet.choices.schedules import ConstantRate, Horizon, Schedule
from naivenet.choices.seeds import check_seed
from naivenet.engine.chunks import Pace
from naivenet.engine.events import EpochEnd, History, Position, Steps
from naivenet.engine.graph import STEPS_AT_ONCE, Execution, compile_steps, fitting_execution, threads_here
from naivenet.engine.updaters.base import Updater
from naivenet.errors import ParameterError
from naivenet.evaluation import evaluate
from naivenet.inputs import checked_samples
from naivenet.layers import NaiveSequential
from naivenet.losses import sparse_categorical_crossentropy

Samples = tuple[Any, Any]

_BATCHES_BETWEEN_LINES = 100


def one_training_step(
    model: Any,
    images_batch: Any,
    labels_batch: Any,
    update: Callable[[Sequence[Any], Sequence[Any]], None] = update_weights,
) -> Any:
    """Predict, see how wrong it was, and move the weights against the gradient; the average loss comes back.

    Shapes:
        images_batch: (batch, input_size), float32.
        labels_batch: (batch,), integers.
    """
    with tf.GradientTape() as tape:
        predictions = model(images_batch)
        per_sample_losses = sparse_categorical_crossentropy(labels_batch, predictions)
        average_loss = tf.reduce_mean(per_sample_losses)
    gradients = tape.gradient(average_loss, model.weights)
    update(gradients, model.weights)
    return average_loss


class Training:
    """A run under way: iterate over it once, and it trains, telling of steps and epochs as they are done.

    Stop after any event, put away the model's weights, ``updater.slots()`` and the event's position, and
    `train` goes on from them with the same numbers. Between two events nothing runs.

    Attributes:
        updater: The optimizer's state. Its ``learning_rate`` and ``momentum`` can be set between two events.
        execution: How its steps are executed.
    """

    def __init__(  # noqa: PLR0913 -- `train` documents them
        self,
        model: NaiveSequential,
        samples: Samples,
        updater: Updater,
        *,
        epochs: int,
        batch_size: int,
        order: Callable[[int], NDArray[np.int32]],
        evaluations: Mapping[str, Samples],
        start: Position,
        chunk_steps: int | None,
        schedule: Schedule,
        boundaries: Collection[int],
        execution: Execution | None,
    ) -> None:
        self.updater = updater
        self._model = model
        self._samples, self._batch_size = len(samples[0]), batch_size
        self._batches = count_batches(self._samples, batch_size)
        self._steps = epochs * self._batches
        self.execution = execution or fitting_execution(steps=self._steps, threads=threads_here())
        for_xla = batch_size if self.execution == "xla" else None
        self._run = compile_steps(one_training_step, model, *samples, updater, xla_batch_size=for_xla)
        self._schedule, self._boundaries = schedule, sorted(boundaries)
        self._horizon = Horizon(total_steps=self._steps, steps_per_epoch=self._batches)
        self._order = lru_cache(maxsize=1)(order)
        self._evaluations = evaluations
        self._position = start
        self._pace = Pace(chunk_steps)
        self._epoch_seconds = 0.0

    def __iter__(self) -> Iterator[Steps | EpochEnd]:
        """Train, yielding what has been done."""
        while self._position.within_epoch or self._position.step < self._steps:
            epoch_done = self._position.within_epoch and self._position.step % self._batches == 0
            event = self._end_of_epoch() if epoch_done else self._some_steps()
            self._position = event.position
            yield event

    @property
    def epoch(self) -> int:
        """How many epochs were completed since the beginning of the run."""
        return self._position.step // self._batches

    def rate(self, step: int) -> float:
        """The learning rate that step number *step*, from 1, takes where nobody changes the updater's."""
        return self._schedule.rate(self.updater.learning_rate, step - 1, self._horizon)

    def _some_steps(self) -> Steps:
        epoch, batch = divmod(self._position.step, self._batches)
        sample_numbers = self._next_batches(epoch, batch)
        first_step = self._position.step + 1
        # One by one in Python: NumPy may round the end of a vector in another way than its middle
        rates = np.array([self.rate(first_step + i) for i in range(len(sample_numbers))], np.float32)
        began = time.perf_counter()
        losses, correct = self._run(sample_numbers, rates)
        seconds = time.perf_counter() - began
        self._pace.took(len(losses), seconds)
        self._epoch_seconds += seconds
        return Steps(
            first_step=first_step,
            epoch=epoch + 1,
            losses=losses,
            position=self._position.after(losses, correct, batch_size=sample_numbers.shape[1]),
            seconds=seconds,
        )

    def _next_batches(self, epoch: int, batch: int) -> NDArray[np.int32]:
        """Sample numbers of the next chunk, (steps, batch): whole batches, or the shorter last one alone."""
        order = self._order(epoch)[batch * self._batch_size :]
        room = next((each - self._position.step for each in self._boundaries if each > self._position.step), len(order))
        whole = min(len(order) // self._batch_size, self._pace.steps, room, STEPS_AT_ONCE)
        return order[: whole * self._batch_size].reshape(whole, self._batch_size) if whole else order[None]

    def _end_of_epoch(self) -> EpochEnd:
        began = time.perf_counter()
        figures: dict[str, float] = {}
        for name, samples in self._evaluations.items():
            evaluation = evaluate(self._model, *samples)
            figures |= {f"{name}_loss": evaluation.loss, f"{name}_accuracy": evaluation.accuracy}
        seconds = self._epoch_seconds + time.perf_counter() - began
        self._epoch_seconds = 0.0
        done = self._position
        return EpochEnd(
            epoch=done.step // self._batches,
            step=done.step,
            train_loss=done.loss_sum / self._samples,
            train_accuracy=done.correct / self._samples,
            seconds=seconds,
            position=Position(step=done.step),
            **figures,
        )


def train(  # noqa: PLR0913 -- a run has this many choices, all but the data by keyword
    model: NaiveSequential,
    images: Any,
    labels: Any,
    *,
    epochs: int,
    batch_size: int = 128,
    optimizer: Optimizer | None = None,
    shuffle: bool = False,
    seed: int = 0,
    validation: Samples | None = None,
    test: Samples | None = None,
    start: Position | None = None,
    chunk_steps: int | None = None,
    slots: Sequence[NDArray[Any]] | None = None,
    schedule: Schedule | None = None,
    boundaries: Collection[int] = (),
    execution: Execution | None = None,
) -> Training:
    """Prepare to train *model* in place; iterating over what comes back does it.

    Args:
        model: A network on TensorFlow variables.
        images: What to learn from.
        labels: What they are.
        epochs: How often every image is seen, from the very beginning of the run.
        batch_size: Images a step.
        optimizer: How weights follow gradients; the notebook's rule by hand where none is given.
        shuffle: Whether each epoch takes the images in an order of its own.
        seed: What the orders are drawn from.
        validation: Images and labels to evaluate on after each epoch.
        test: More of them.
        start: Where a run that is gone on with stood; the beginning where none is given.
        chunk_steps: Steps between two events; by default as many as take less than 100 ms.
        slots: What the optimizer remembered there.
        schedule: How the learning rate changes; not at all where none is given.
        boundaries: Steps after which an event comes in any case, so that something can be changed just there.
        execution: ``"graph"``, bit for bit the step called eagerly, or ``"xla"``; by default what is soonest done.

    The images are used where they are, if they can be: leave them alone while it trains.

    Shapes:
        images: (samples, ...), uint8, or float32 in [0, 1].
        labels: (samples,), integers.

    Raises:
        ShapeError: The images do not fit the network, or are not as many as the labels.
        ParameterError: A value is of the wrong kind or out of its range.
        CheckpointError: The slots are not this optimizer's for these weights.
    """
    _check_counts(epochs=epochs, batch_size=batch_size, chunk_steps=1 if chunk_steps is None else chunk_steps)
    check_seed(seed)
    samples = checked_samples(model, images, labels)
    chosen = {"validation": validation, "test": test}
    evaluations = {name: checked_samples(model, *each) for name, each in chosen.items() if each is not None}
    updater = (Naive() if optimizer is None else optimizer).updater(_variables(model))
    if slots is not None:
        updater.restore(slots)
    return Training(
        model,
        samples,
        updater,
        epochs=epochs,
        batch_size=batch_size,
        order=lambda epoch: epoch_order(len(samples[0]), epoch=epoch, seed=seed, shuffle=shuffle),
        evaluations=evaluations,
        start=start or Position(),
        chunk_steps=chunk_steps,
        schedule=schedule or ConstantRate(),
        boundaries=boundaries,
        execution=execution,
    )


def fit(  # noqa: PLR0913 -- the notebook's five, and those of `train` that a whole run has use for
    model: NaiveSequential,
    images: Any,
    labels: Any,
    epochs: int,
    batch_size: int = 128,
    *,
    optimizer: Optimizer | None = None,
    shuffle: bool = False,
    seed: int = 0,
    validation: Samples | None = None,
    test: Samples | None = None,
    schedule: Schedule | None = None,
    verbose: int = 0,
) -> History:
    """Train *model* in place, from the first epoch to the last; `train` documents the arguments.

    With ``verbose=1`` the notebook's lines are printed, the loss of every hundredth batch.

    Raises:
        ShapeError: The images do not fit the network, or are not as many as the labels.
        ParameterError: A value is of the wrong kind or out of its range.
    """
    training = train(
        model,
        images,
        labels,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        shuffle=shuffle,
        seed=seed,
        validation=validation,
        test=test,
        schedule=schedule,
    )
    losses: list[NDArray[np.float32]] = []
    ends: list[EpochEnd] = []
    for event in training:
        if isinstance(event, EpochEnd):
            ends.append(event)
            continue
        losses.append(event.losses)
        if verbose:
            _print(event, batches=count_batches(len(images), batch_size))
    return History(losses=np.concatenate(losses), epochs=tuple(ends))


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if not isinstance(count, Integral) or isinstance(count, bool) or count < 1:
            raise ParameterError(f"{name} must be a whole number of at least 1, not {count!r}")


def _variables(model: NaiveSequential) -> list[Any]:
    if any(isinstance(weight, np.ndarray) for weight in model.weights):
        raise ParameterError("a network on NumPy arrays cannot be trained; build it on TensorFlow variables")
    return model.weights


def _print(steps: Steps, *, batches: int) -> None:
    first = (steps.first_step - 1) % batches
    for batch, loss in enumerate(steps.losses, start=first):
        if batch == 0:
            print(f"Epoch {steps.epoch - 1}")  # noqa: T201 -- asked for by verbose=1
        if batch % _BATCHES_BETWEEN_LINES == 0:
            print(f"loss at batch {batch}: {loss:.2f}")  # noqa: T201 -- asked for by verbose=1
