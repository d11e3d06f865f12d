"""A run of training: its options, and the compiled loop, which yields events."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import Tensor
from naivenet.choices.augmentation import Augmentation
from naivenet.choices.own_layers import AnyLayer
from naivenet.choices.schedules import ConstantRate, RunLength, Schedule
from naivenet.choices.seeds import check_seed
from naivenet.engine.blocks import AugmentedBlocks
from naivenet.engine.chunks import ChunkSize
from naivenet.engine.events import EpochEnd, Position, SetMetrics, Steps
from naivenet.engine.graph import STEPS_AT_ONCE, Execution, Run, Step, compile_steps, fitting_execution, threads_here
from naivenet.engine.order import MixPart, epoch_order, mixed_order
from naivenet.engine.own_code import steps_of_own_code
from naivenet.engine.progress import Progress
from naivenet.engine.updaters.choice import AnyOptimizer, as_schedule, choose_updater
from naivenet.engine.updaters.from_function import UpdateFunction
from naivenet.errors import ParameterError, ShapeError
from naivenet.evaluation import measured
from naivenet.inputs import as_bytes, check_range, checked_pair, checked_samples
from naivenet.own_models import in_precision, is_described, trainable_variables, warn_of_training_flags
from naivenet.precision import Precision, check_precision

Samples = tuple[Tensor, Tensor]


@dataclass(frozen=True, kw_only=True, eq=False)
class RunOptions:
    """The options of a run, all but the model and its data.

    Attributes:
        epochs: Passes over the training set, from the very beginning of the run.
        batch_size: Images in each step.
        optimizer: The rule that changes the weights: a description, ``SGD(learning_rate=0.1)``, a name, ``"sgd"``, or
            an optimizer object of Keras, used as it is. The notebook's rule if None.
        learning_rate: The learning rate of the notebook's rule, or of an optimizer that is given by its name.
        update_weights: A function of gradients and weights, which changes the weights, in place of an optimizer.
        schedule: How the learning rate changes, as a description or a name; it is constant if None.
        shuffle: Whether each epoch has its own order of the images.
        augment: How the images of each epoch are changed before the network learns from them; not at all if None.
        seed: The seed of these orders and changes.
        validation: Images and labels to evaluate on after each epoch.
        test: The same, as a second set.
        sets: Further sets to evaluate on after each epoch, by their names.
        mix: The sets that the images consist of, one after another, and how often an epoch shows each of them. If
            None, an epoch shows each image once.
        start: The position where a resumed run continues; the beginning if None.
        slots: The optimizer's slots at that position.
        chunk_steps: Steps between two events. If None, as many as take less than 100 ms.
        boundaries: Steps after which an event comes in any case, so that the caller can change something there.
        precision: ``"float32"``, or ``"bfloat16"``, which rounds the operands of the steps' products to bfloat16;
            weights, gradients and evaluations stay float32.
        execution: ``"graph"``, which gives the numbers of the eager loop (see `compile_steps`), or ``"xla"``. If None,
            the faster one.

    Raises:
        ParameterError: A count is not a whole number of at least 1, or the seed not one of at least 0.
        UnknownName: There is no schedule of that name.
    """

    epochs: int
    batch_size: int = 128
    optimizer: AnyOptimizer = None
    learning_rate: float | None = None
    update_weights: UpdateFunction | None = None
    schedule: Schedule | None = None
    shuffle: bool = False
    augment: Augmentation | None = None
    seed: int = 0
    validation: Samples | None = None
    test: Samples | None = None
    sets: Mapping[str, Samples] | None = None
    mix: Sequence[MixPart] | None = None
    start: Position | None = None
    slots: Sequence[NDArray[Any]] | None = None
    chunk_steps: int | None = None
    boundaries: Collection[int] = ()
    precision: Precision = "float32"
    execution: Execution | None = None

    def __post_init__(self) -> None:
        """Check the numbers."""
        counts = {"epochs": self.epochs, "batch_size": self.batch_size, "chunk_steps": self.chunk_steps}
        for name, count in counts.items():
            if name == "chunk_steps" and count is None:
                continue
            if not isinstance(count, Integral) or isinstance(count, bool) or count < 1:
                raise ParameterError(f"{name} must be a whole number of at least 1, not {count!r}")
        check_seed(self.seed)
        check_precision(self.precision)
        if not isinstance(self.augment, Augmentation | None):
            raise ParameterError(f"augment must be an Augmentation, naivenet.Augmentation(), not {self.augment!r}")
        object.__setattr__(self, "schedule", as_schedule(self.schedule))


class Training:
    """A run under way. Iterate over it once: it trains, and yields `Steps` and `EpochEnd` as they are done.

    To pause, stop after any event and keep the model's weights, ``updater.slots()`` and the event's position.
    `naivenet.train` resumes from them with the same numbers. Between two events nothing runs.

    Args:
        model: A network on TensorFlow variables, which is trained in place, or any object that can be called and has
            ``weights``.
        images: The images to learn from, (samples, ...).
        labels: Their labels, (samples,).
        step: The training step, `naivenet.one_training_step`.
        options: Everything else.

    Attributes:
        options: The options of the run.
        trained_model: What the steps train: the model, or the same network on its variables with products in bfloat16.
        progress: Its position.
        updater: The optimizer's state. ``learning_rate`` and ``momentum`` can be set between two events.
        execution: How the steps are executed.
    """

    def __init__(self, model: AnyLayer, images: Tensor, labels: Tensor, *, step: Step, options: RunOptions) -> None:
        self.options = options
        self._model, self._step = model, step
        self._images, self._labels = checked_samples(model, images, labels, trains=True)
        evaluations = {"validation": options.validation, "test": options.test}
        self._evaluations = {
            name: checked_samples(model, *checked_pair(each, name))
            for name, each in evaluations.items()
            if each is not None
        }
        self._sets = {
            name: checked_samples(model, *checked_pair(each, f"sets[{name!r}]"))
            for name, each in (options.sets or {}).items()
        }
        check_range(self._images, *(rows for rows, _ in (*self._evaluations.values(), *self._sets.values())))
        _check_mix(options.mix, images=len(self._images))
        self._weights = trainable_variables(model)
        warn_of_training_flags(model)
        self.trained_model = in_precision(model, options.precision)
        self.updater = choose_updater(
            self._weights,
            optimizer=options.optimizer,
            learning_rate=options.learning_rate,
            update_weights=options.update_weights,
            schedule=options.schedule,
        )
        if options.slots is not None:
            self.updater.restore(options.slots)
        self.progress = Progress(
            samples=sum(part.shown for part in options.mix) if options.mix else len(self._images),
            batch_size=options.batch_size,
            epochs=options.epochs,
            position=options.start or Position(),
        )
        self.execution = options.execution or self._fitting_execution()
        self._chunk_size, self._boundaries = ChunkSize(options.chunk_steps), sorted(options.boundaries)
        self._order = lru_cache(maxsize=1)(self._new_order)
        self._blocks = self._augmented_blocks(options.augment) if options.augment else None

    def __iter__(self) -> Iterator[Steps | EpochEnd]:
        """Train, and yield what was done."""
        while not self.progress.finished:
            self.progress.start_clock()
            yield self.end_epoch() if self.progress.epoch_is_due else self._next_chunk()

    @property
    def epoch(self) -> int:
        """Number of epochs completed since the beginning of the run."""
        return self.progress.position.step // self.progress.batches

    @property
    def next_rate(self) -> float:
        """The learning rate of the next step."""
        return self.rate(self.progress.position.step + 1)

    def rate(self, step: int) -> float:
        """Return the learning rate of step number *step*, from 1, for the updater's current learning rate."""
        length = RunLength(total_steps=self.progress.steps, steps_per_epoch=self.progress.batches)
        return (self.options.schedule or ConstantRate()).rate(self.updater.learning_rate, step - 1, length)

    def samples(self, epoch: int) -> tuple[NDArray[Any], NDArray[np.int32]]:
        """Return the images, augmented if the run does so, and labels in the order of an epoch, counted from 0."""
        if self._blocks:
            return self._blocks.epoch(epoch)
        order = self._order(epoch)
        return self._images[order], self._labels[order]

    def end_epoch(self) -> EpochEnd:
        """Evaluate the network, and report the epoch."""
        if self.progress.position.step == self.progress.steps:
            self.updater.finish(self._weights)
        metrics: dict[str, float] = {}
        for name, samples in self._evaluations.items():
            evaluation = measured(self._model, *samples)
            metrics |= {f"{name}_loss": evaluation.loss, f"{name}_accuracy": evaluation.accuracy}
        return self.progress.epoch_done(metrics, sets=tuple(self._set_metrics()))

    def _set_metrics(self) -> Iterator[SetMetrics]:
        for name, (rows, labels) in self._sets.items():
            evaluation = measured(self._model, rows, labels)
            yield SetMetrics(name=name, samples=len(rows), loss=evaluation.loss, accuracy=evaluation.accuracy)

    def _next_chunk(self) -> Steps:
        sample_numbers = self._next_batches()
        first = self.progress.position.step + 1
        # one by one in Python: NumPy may round the end of a vector differently from its middle
        rates = np.array([self.rate(first + i) for i in range(len(sample_numbers))], np.float32)
        self.progress.start_clock()
        done = self.progress.steps_done(*self._train(sample_numbers, rates), batch_size=sample_numbers.shape[1])
        self._chunk_size.took(len(done.losses), done.seconds)
        return done

    def _train(self, sample_numbers: NDArray[np.int32], rates: NDArray[np.float32]) -> tuple[NDArray[Any], ...]:
        if self._blocks is None:
            return self._run(sample_numbers, rates)
        epoch, batch = divmod(self.progress.position.step, self.progress.batches)
        number, within = divmod(batch, self._blocks.batches)
        places = np.arange(sample_numbers.size, dtype=np.int32) + within * self.options.batch_size
        return self._run(places.reshape(sample_numbers.shape), rates, self._blocks.block(epoch, number))

    @cached_property
    def _run(self) -> Run:
        xla_batch_size = self.options.batch_size if self.execution == "xla" else None
        compiled = steps_of_own_code if self._is_own_code else compile_steps
        return compiled(
            self._step, self.trained_model, self._images, self._labels, self.updater, xla_batch_size=xla_batch_size
        )

    @property
    def _is_own_code(self) -> bool:
        return self.updater.is_own_code or not is_described(self._model)

    def _fitting_execution(self) -> Execution:
        """Choose the faster execution; for code of the user's a graph, which rounds as Python does."""
        if self._is_own_code:
            return "graph"
        precision = self.options.precision
        return fitting_execution(steps=self.progress.steps, threads=threads_here(), precision=precision)

    def _next_batches(self) -> NDArray[np.int32]:
        """Return the sample numbers of the next chunk, (steps, batch): full batches, or the shorter last one alone."""
        size, step = self.options.batch_size, self.progress.position.step
        epoch, batch = divmod(step, self.progress.batches)
        order = self._order(epoch)[batch * size :]
        to_boundary = next((each - step for each in self._boundaries if each > step), len(order))
        if self._blocks:
            to_boundary = min(to_boundary, self._blocks.batches - batch % self._blocks.batches)
        steps = min(len(order) // size, self._chunk_size.steps, to_boundary, STEPS_AT_ONCE)
        return order[: steps * size].reshape(steps, size) if steps else order[None]

    def _augmented_blocks(self, augmentation: Augmentation) -> AugmentedBlocks:
        """Turn the images to bytes, and return the blocks in which the run augments them."""
        options, self._images = self.options, as_bytes(self._images)
        return AugmentedBlocks(
            (self._images, self._labels),
            self._order,
            augmentation=augmentation,
            batch_size=options.batch_size,
            seed=options.seed,
        )

    def _new_order(self, epoch: int) -> NDArray[np.int32]:
        options = self.options
        if options.mix:
            return mixed_order(options.mix, epoch=epoch, seed=options.seed, shuffle=options.shuffle)
        return epoch_order(len(self._images), epoch=epoch, seed=options.seed, shuffle=options.shuffle)


def _check_mix(mix: Sequence[MixPart] | None, *, images: int) -> None:
    """Check that the parts of a mix are all of the images.

    Raises:
        ShapeError: Their numbers differ.
    """
    if mix and (total := sum(part.samples for part in mix)) != images:
        raise ShapeError(f"the parts of the mix have {total} samples, but there are {images} images")
