"""Runs the steps of layers and update functions of the user's own: compiled where that is possible, else one by one."""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import tf
from naivenet.engine.graph import PredictionTap, Run, Step, compile_steps
from naivenet.engine.python_state import PythonState
from naivenet.engine.updaters.base import Updater
from naivenet.errors import warn
from naivenet.inputs import scaled

_MOST_OF_REASON = 200
_MAY_ASSIGN = (
    "Resource",
    "StatefulPartitionedCall",
    "If",
    "While",
    "Case",
)  # a branch, a loop or a call hides what it does


def steps_of_own_code(  # noqa: PLR0913 -- the arguments of `compile_steps`
    step: Step,
    model: Any,
    images: NDArray[Any],
    labels: NDArray[np.int32],
    update: Updater,
    *,
    xla_batch_size: int | None = None,
) -> Run:
    """Return `compile_steps` for code of the user's, or `eager_steps` with a warning if it cannot be compiled."""
    reason = why_not_compiled(step, model, images, update)
    if reason is None:
        return compile_steps(step, model, images, labels, update, xla_batch_size=xla_batch_size)
    return _warning_after_first(eager_steps(step, model, images, labels, update), reason)


def eager_steps(step: Step, model: Any, images: NDArray[Any], labels: NDArray[np.int32], update: Updater) -> Run:
    """Return what `compile_steps` returns, but its steps run one by one in Python."""
    tap = PredictionTap(model)

    def run(sample_numbers: NDArray[np.int32], rates: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
        losses, correct = [], []
        for numbers, rate in zip(sample_numbers, rates, strict=True):
            update.use_rate(rate)
            losses.append(step(tap, scaled(tf.constant(images[numbers])), labels[numbers], update))
            correct.append(tap.correct(labels[numbers]))
        return np.array(losses, np.float32), np.array(correct, np.int32)

    return run


def why_not_compiled(step: Step, model: Any, images: NDArray[Any], update: Updater) -> str | None:
    """Return why a step cannot run in a graph, None if it can. Nothing is computed, and no variable changes.

    A graph runs the Python of a step once, while it is traced. So this traces a step, in a graph that is thrown away,
    and looks whether Python variables change. Variables of TensorFlow may be created in the first step, as optimizers
    of Keras do, but not in each.
    """
    state = PythonState(_own_things(model, update))
    try:
        first = _traced(step, model, images, update)
        created = first.creates and _traced(step, model, images, update).creates
    except Exception as error:  # noqa: BLE001 -- code of the user's may raise anything
        return textwrap.shorten(f"{type(error).__name__}: {error}", _MOST_OF_REASON)
    else:
        if not first.assigns:
            warn(
                "update_weights changes no weight: w.assign_sub(g * rate) changes it, but w = w - g * rate only gives "
                "the result a name"
            )
        changes = state.changes()
        if changes:
            return f"each step changes {', '.join(changes)}, but a graph would do so only once"
        return "each step makes a new tf.Variable, but a graph has room for those of the first one" if created else None
    finally:
        state.restore()


@dataclass(frozen=True, kw_only=True)
class _Traced:
    """Whether a traced step creates variables, and whether it assigns to any, also inside a ``tf.function``."""

    creates: bool
    assigns: bool


def _traced(step: Step, model: Any, images: NDArray[Any], update: Updater) -> _Traced:
    """Trace a step into a graph of its own."""
    created = []

    def creator(make: Callable[..., Any], **arguments: Any) -> Any:
        created.append(arguments)
        return make(**arguments)

    graph = tf.__internal__.FuncGraph("step")
    with graph.as_default(), tf.variable_creator_scope(creator):
        batch = tf.compat.v1.placeholder(images.dtype, [None, *images.shape[1:]])
        labels = tf.compat.v1.placeholder(tf.int32, [None])
        tap = PredictionTap(model)
        step(tap, scaled(batch), labels, update)
        tap.correct(labels)
    kinds = {operation.type for operation in graph.get_operations()}
    assigns = any("Assign" in kind or kind.startswith(_MAY_ASSIGN) for kind in kinds)
    return _Traced(creates=bool(created), assigns=assigns)


def _own_things(model: Any, update: Updater) -> Iterator[Any]:
    """Yield what may be code of the user's: the model, its layers, their activations and the update function."""
    yield from (model, getattr(update, "function", None))
    for layer in getattr(model, "layers", ()):
        yield from (layer, getattr(layer, "activation", None))


def _warning_after_first(run: Run, reason: str) -> Run:
    """Warn when the first steps are done: code that fails in Python too has an error of its own to show."""
    warned = False

    def warn_once(sample_numbers: NDArray[np.int32], rates: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
        nonlocal warned
        results = run(sample_numbers, rates)
        if not warned:
            warned = True
            warn(
                f"your layers or update_weights cannot be compiled ({reason}), so the steps run one by one, which "
                "takes longer; fit(..., compiled=False) does the same without this warning"
            )
        return results

    return warn_once
