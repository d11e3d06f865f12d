"""Compiles many training steps into one TensorFlow graph: single steps spend most of their time in Python."""

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import Tensor, tf
from naivenet.choices.optimizers import Optimizer
from naivenet.choices.own_layers import AnyLayer
from naivenet.engine.updaters.base import State, Updater
from naivenet.inputs import scaled
from naivenet.layers import NaiveDense, NaiveSequential
from naivenet.own_models import dense_layers, is_described, trainable_variables
from naivenet.precision import Precision

#: The most steps of one call. XLA compiles a program for this number; a call may use fewer.
STEPS_AT_ONCE = 256

Execution = Literal["graph", "xla"]
#: A model, a batch of images and of labels, and what changes the weights -> the average loss of the batch.
Step = Callable[[Any, Tensor, Tensor, Any], Tensor]
#: Images and their labels.
Samples = tuple[NDArray[Any], NDArray[np.int32]]

# On two threads XLA makes a step 14 % faster, on one thread slower; it compiles for half a second longer
_XLA_FROM_STEPS = 2000
_PROGRAMS_KEPT = 4


class Run(Protocol):
    """Trains the steps of one call."""

    def __call__(
        self, sample_numbers: NDArray[np.int32], rates: NDArray[np.float32], samples: Samples | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return the losses and the numbers of correct predictions.

        Args:
            sample_numbers: The samples of each step.
            rates: The learning rate of each step.
            samples: What the numbers count, if it is not the training set: images of its shape and dtype, and labels.

        Shapes:
            sample_numbers: (steps, batch).
            rates: (steps,).
            returns: (steps,) both.
        """


class PredictionTap:
    """A model that keeps its latest predictions, so that the accuracy needs no second forward pass."""

    predictions: Tensor = None

    def __init__(self, model: AnyLayer) -> None:
        self._model = model
        self.weights = trainable_variables(model)

    def __call__(self, inputs: Tensor) -> Tensor:
        """Call the model."""
        self.predictions = self._model(inputs)
        return self.predictions

    def correct(self, labels: Tensor) -> Tensor:
        """Count the latest predictions that equal their labels. Shapes: (batch,) -> ()."""
        predicted = tf.argmax(self.predictions, axis=-1, output_type=tf.int32)
        return tf.math.count_nonzero(predicted == labels, dtype=tf.int32)


class SharedArray:
    """An array whose memory a tensor may share. TensorFlow copies a plain NumPy array twice."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: FBT001 -- NumPy's protocol
        """Return the array itself."""
        return self._array


def fitting_execution(*, steps: int, threads: int, precision: Precision = "float32") -> Execution:
    """Choose the faster execution for a run of *steps* steps in all. XLA does not use the bfloat16 instructions."""
    is_for_xla = precision == "float32" and threads > 1 and steps >= _XLA_FROM_STEPS
    return "xla" if is_for_xla else "graph"


def threads_here() -> int:
    """Return the number of threads of one TensorFlow operation in this process."""
    return tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Owner:
    """The model and the updater of a program that can run no others."""

    model: AnyLayer
    updater: Updater


@dataclass(frozen=True, kw_only=True)
class ProgramKey:
    """Everything that a program is compiled from. Runs with equal keys share one program.

    Attributes:
        step: The training step.
        layers: Class, activation, input size and output size of each layer, if the program can run other models.
        updater: The class of the updater.
        rule: The optimizer without its learning rate, which is a variable.
        owner: Who alone can use the program; if None, `on` makes model and updater from variables.
        dtype: The dtype of the images.
        shape: The shape of one image.
        xla: Whether XLA compiles the program to machine code. If not, TensorFlow's kernels run one after the other.
    """

    step: Step
    layers: tuple[tuple[type[NaiveDense], Callable[[Tensor], Tensor], int, int], ...]
    updater: type[Updater]
    rule: Optimizer | None
    owner: Owner | None
    dtype: str
    shape: tuple[int, ...]
    xla: bool = False

    @classmethod
    def of(cls, step: Step, model: AnyLayer, update: Updater, *, images: NDArray[Any]) -> "ProgramKey":
        """Return the key of the program that trains *model* with *update* on *images*."""
        data: dict[str, Any] = {"dtype": images.dtype.name, "shape": images.shape[1:]}
        if not (update.shareable and is_described(model)):
            owner = Owner(model=model, updater=update)
            return cls(step=step, layers=(), updater=type(update), rule=None, owner=owner, **data)
        layers = tuple(
            (type(layer), layer.activation, layer.input_size, layer.output_size) for layer in dense_layers(model)
        )
        rule = dataclasses.replace(update.optimizer, learning_rate=0.0)
        return cls(step=step, layers=layers, updater=type(update), rule=rule, owner=None, **data)

    def on(self, weights: list[Tensor], state: State) -> tuple[AnyLayer, Updater]:
        """Return a model on *weights* and an updater on *state*."""
        if self.owner is not None:
            return self.owner.model, self.owner.updater
        model = NaiveSequential(
            kind.from_weights(W, b, activation)
            for (kind, activation, *_), W, b in zip(self.layers, weights[::2], weights[1::2], strict=True)
        )
        return model, self.updater(self.rule, state)


def compile_steps(  # noqa: PLR0913 -- a step, its arguments, and how it runs
    step: Step,
    model: AnyLayer,
    images: NDArray[Any],
    labels: NDArray[np.int32],
    update: Updater,
    *,
    xla_batch_size: int | None = None,
) -> Run:
    """Compile *step*, so that one call takes many steps, each with its own samples and learning rate.

    The images are in memory once, as bytes if they are bytes, and the graph scales each batch. One program serves every
    number of steps, every batch size, and every other model and updater with the same `ProgramKey`.

    Without XLA the results equal those of eager calls of *step*: bit for bit with the notebook's rule, SGD and Adam,
    and within rounding with AdamW and RMSprop, whose products TensorFlow reorders, and with tanh and sigmoid, which it
    fuses with the product before them. Batches of *xla_batch_size* run by XLA, which rounds differently.

    Shapes:
        images: (samples, input_size).
        labels: (samples,).
        returns: a `Run` of at most `STEPS_AT_ONCE` steps.
    """
    key = ProgramKey.of(step, model, update, images=images)
    weights, state = (list(model.weights), update.state) if key.owner is None else ([], {})
    data = _constants(images, labels)

    def run(
        sample_numbers: NDArray[np.int32], rates: NDArray[np.float32], samples: Samples | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        steps, xla = len(rates), sample_numbers.shape[1] == xla_batch_size
        program = _program(dataclasses.replace(key, xla=xla))
        images_and_labels = _constants(*samples) if samples else data
        inputs = _padded(sample_numbers, rates, steps=STEPS_AT_ONCE if xla else steps)
        losses, correct = program(weights, state, *images_and_labels, *inputs, tf.constant(steps))
        return losses.numpy()[:steps], correct.numpy()[:steps]

    return run


def _padded(sample_numbers: NDArray[np.int32], rates: NDArray[np.float32], *, steps: int) -> tuple[Tensor, Tensor]:
    """Fill up with zeros to a number of steps, as XLA compiles for one shape."""
    padding = steps - len(rates)
    return tf.constant(np.pad(sample_numbers, ((0, padding), (0, 0)))), tf.constant(np.pad(rates, (0, padding)))


def _constants(images: NDArray[Any], labels: NDArray[np.int32]) -> tuple[Tensor, Tensor]:
    return tf.constant(SharedArray(images)), tf.constant(labels)


class Program:
    """Many training steps in one graph, traced at the first call.

    Args:
        key: What the program is compiled from.
    """

    def __init__(self, key: ProgramKey) -> None:
        self._key = key
        self._traced: Any = None

    def __call__(self, weights: list[Tensor], state: State, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Train the model on *weights*; `compile_steps` documents the inputs and the result."""
        if self._traced is None:
            self._traced = self._trace(weights, state)
        losses, correct = self._traced(weights, state, *inputs)
        return losses, correct

    def _trace(self, weights: list[Tensor], state: State) -> Any:
        return tf.function(self._many_steps, autograph=False, jit_compile=self._key.xla).get_concrete_function(
            weights,
            state,
            tf.TensorSpec([None, *self._key.shape], self._key.dtype),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None], tf.float32),
            tf.TensorSpec([], tf.int32),
        )

    def _many_steps(  # noqa: PLR0913, PLR0917 -- the arguments of a graph
        self,
        weights: list[Tensor],
        state: State,
        images: Tensor,
        labels: Tensor,
        sample_numbers: Tensor,
        rates: Tensor,
        steps: Tensor,
    ) -> tuple[Tensor, Tensor]:
        model, update = self._key.on(weights, state)
        tap = PredictionTap(model)

        def one_step(i: Tensor, losses: Tensor, correct: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            update.use_rate(rates[i])
            labels_batch = tf.gather(labels, sample_numbers[i])
            loss = self._key.step(tap, scaled(tf.gather(images, sample_numbers[i])), labels_batch, update)
            return i + 1, losses.write(i, loss), correct.write(i, tap.correct(labels_batch))

        size = tf.shape(sample_numbers)[0]
        start = 0, tf.TensorArray(tf.float32, size), tf.TensorArray(tf.int32, size)
        _, losses, correct = tf.while_loop(lambda i, *_: i < steps, one_step, start, parallel_iterations=1)
        return losses.stack(), correct.stack()


_program = lru_cache(maxsize=_PROGRAMS_KEPT)(Program)
