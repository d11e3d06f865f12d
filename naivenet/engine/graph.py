"""Compiles many training steps into one TensorFlow graph, because one at a time mostly waits for Python."""

import copy
import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import tf
from naivenet.inputs import scaled

#: The most steps of one call: XLA compiles for a fixed number, of which a call takes as many as it needs.
STEPS_AT_ONCE = 256

Execution = Literal["graph", "xla"]

# XLA takes a seventh off a step on two threads, and adds to it on one; it compiles for half a second longer
_XLA_FROM_STEPS = 2000

_END = np.float32(-1)  # no learning rate: where a call's steps end
_PROGRAMS_KEPT = 4


class Watched:
    """A model that remembers what it last predicted, so that a step need not be asked for it."""

    predictions: Any = None

    def __init__(self, model: Any) -> None:
        self._model = model
        self.weights = model.weights

    def __call__(self, inputs: Any) -> Any:
        """Call the model."""
        self.predictions = self._model(inputs)
        return self.predictions


class Lent:
    """An array whose bytes a tensor may use where they are: TensorFlow copies, twice, what it knows as an array."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:  # noqa: FBT001 -- NumPy's protocol
        """Give the array itself."""
        return self._array


def fitting_execution(*, steps: int, threads: int) -> Execution:
    """Choose how a run of so many steps in all is executed soonest."""
    return "xla" if threads > 1 and steps >= _XLA_FROM_STEPS else "graph"


def threads_here() -> int:
    """How many threads an operation of TensorFlow has in this process."""
    return tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a program is compiled from; those that are equal make programs that can stand in for each other.

    Attributes:
        step: One training step.
        kind: All that the graph depends on, but for the numbers in the variables.
        xla: Whether XLA makes machine code of it, or TensorFlow's own kernels run one after the other.
        model: A model of this kind.
        update: An updater of this kind.
        variables: Those of the two.
    """

    step: Callable[..., Any]
    kind: Hashable
    xla: bool
    model: Any = field(compare=False)
    update: Any = field(compare=False)
    variables: list[Any] = field(compare=False)

    def on(self, variables: list[Any]) -> tuple[Any, Any]:
        """Model and updater, as if they had been made of these variables."""
        if not variables:
            return self.model, self.update
        return copy.deepcopy((self.model, self.update), dict(zip(map(id, self.variables), variables, strict=True)))


def compile_steps(  # noqa: PLR0913 -- a step, what it is taken with, and how
    step: Callable[..., Any], model: Any, images: Any, labels: Any, update: Any, *, xla_batch_size: int | None = None
) -> Callable[[NDArray[np.int32], NDArray[np.float32]], tuple[NDArray[np.float32], NDArray[np.int32]]]:
    """Compile *step* so that one call takes many steps, each on the samples and at the rate that it is given.

    The images are held once, bytes as bytes, and scaled in the graph. One program serves every number of steps and
    every batch size, and any other model and updater of the same kind. Without XLA the results are bit for bit those
    of *step* called eagerly; batches of *xla_batch_size* are for XLA, which rounds a little differently.

    Shapes:
        images: (samples, input_size).
        labels: (samples,).
        returns: a function of sample numbers (steps, batch) and learning rates (steps,), at most `STEPS_AT_ONCE`
            -> losses (steps,), samples read right (steps,).
    """
    shared = update.rule is not None
    variables = [*model.weights, *update.variables] if shared else []
    layers = tuple((layer.activation, layer.input_size, layer.output_size) for layer in model.layers)
    kind = (layers, update.rule) if shared else update
    data = tf.constant(Lent(images)), tf.constant(labels)

    def run(sample_numbers: Any, rates: Any) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        steps, xla = len(rates), sample_numbers.shape[1] == xla_batch_size
        recipe = Recipe(step=step, kind=kind, xla=xla, model=model, update=update, variables=variables)
        room = STEPS_AT_ONCE - steps if xla else 0
        losses, correct = _program(recipe, images.dtype.name)(
            variables,
            *data,
            tf.constant(np.pad(sample_numbers, ((0, room), (0, 0)))),
            tf.constant(np.pad(rates, (0, room + 1), constant_values=_END)),
        )
        return losses.numpy()[:steps], correct.numpy()[:steps]

    return run


@lru_cache(maxsize=_PROGRAMS_KEPT)
def _program(recipe: Recipe, dtype: str) -> Any:
    """Trace the graph of *recipe*; XLA compiles it where it is first called."""

    def many_steps(variables: list[Any], images: Any, labels: Any, sample_numbers: Any, rates: Any) -> Any:
        model, update = recipe.on(variables)
        watched = Watched(model)

        def one_step(i: Any, losses: Any, correct: Any) -> Any:
            update.use_rate(rates[i])
            labels_batch = tf.gather(labels, sample_numbers[i])
            loss = recipe.step(watched, scaled(tf.gather(images, sample_numbers[i])), labels_batch, update)
            predicted = tf.argmax(watched.predictions, axis=-1, output_type=tf.int32)
            matches = tf.math.count_nonzero(predicted == labels_batch, dtype=tf.int32)
            return i + 1, losses.write(i, loss), correct.write(i, matches)

        room = tf.shape(sample_numbers)[0]
        start = 0, tf.TensorArray(tf.float32, room), tf.TensorArray(tf.int32, room)
        # XLA would compile anew for each number of steps, were it a number: so the rates say where they end
        _, losses, correct = tf.while_loop(lambda i, *_: rates[i] != _END, one_step, start, parallel_iterations=1)
        return losses.stack(), correct.stack()

    return tf.function(many_steps, autograph=False, jit_compile=recipe.xla).get_concrete_function(
        recipe.variables,
        tf.TensorSpec([None, recipe.model.input_size], dtype),
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([None, None], tf.int32),
        tf.TensorSpec([None], tf.float32),
    )
