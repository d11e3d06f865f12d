"""Runs the steps of layers and update functions of the user's own: compiled where that is possible, else one by one."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import tf
from naivenet.engine.graph import PredictionTap, Run, Samples, Step, compile_steps
from naivenet.engine.python_state import PythonState
from naivenet.engine.updaters.base import Updater
from naivenet.errors import warn
from naivenet.inputs import scaled

_MOST_OF_REASON = 200


def steps_of_own_code(  # noqa: PLR0913 -- the arguments of `compile_steps`
    step: Step,
    model: Any,
    images: NDArray[Any],
    labels: NDArray[np.int32],
    update: Updater,
    *,
    xla_batch_size: int | None = None,
) -> Run:
    """Return `compile_steps` for code of the user's, or `eager_steps` with a warning if it cannot be compiled.

    A graph keeps the values of the Python variables that it was traced with, such as a global learning rate. So if the
    user has changed one since the last call, and a step uses it, the steps are compiled anew.
    """
    reason = why_not_compiled(step, model, images, update)
    if reason is not None:
        return eager_steps(step, model, images, labels, update, reason)

    def compiled() -> Run:
        return compile_steps(step, model, images, labels, update, xla_batch_size=xla_batch_size)

    latest, traced, state = compiled(), _traced(step, model, images, update), PythonState(_own_things(model, update))

    def run(
        sample_numbers: NDArray[np.int32], rates: NDArray[np.float32], samples: Samples | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        nonlocal latest, traced, state
        if state.changed_variables():
            before, traced, state = (
                traced,
                _traced(step, model, images, update),
                PythonState(_own_things(model, update)),
            )
            latest = latest if traced == before else compiled()
        return latest(sample_numbers, rates, samples)

    return run


def eager_steps(  # noqa: PLR0913, PLR0917 -- likewise
    step: Step, model: Any, images: NDArray[Any], labels: NDArray[np.int32], update: Updater, reason: str
) -> Run:
    """Return what `compile_steps` returns, but its steps run one by one in Python, because of *reason*.

    `naivenet.training.notebook_loop` is the same loop for whole epochs; this one runs any part of a run.
    """
    tap = PredictionTap(model)

    def run(
        sample_numbers: NDArray[np.int32], rates: NDArray[np.float32], samples: Samples | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        nonlocal reason
        (all_images, all_labels), losses, correct = samples or (images, labels), [], []
        for numbers, rate in zip(sample_numbers, rates, strict=True):
            update.use_rate(rate)
            losses.append(step(tap, scaled(tf.constant(all_images[numbers])), all_labels[numbers], update))
            correct.append(tap.correct(all_labels[numbers]))
        if reason:  # not before the first steps: code that fails in Python too has an error of its own to show
            warn(
                f"your layers or update_weights cannot be compiled ({reason}), so the steps run one by one, which "
                "takes longer; fit(..., compiled=False) does the same without this warning"
            )
            reason = ""
        return np.array(losses, np.float32), np.array(correct, np.int32)

    return run


def why_not_compiled(step: Step, model: Any, images: NDArray[Any], update: Updater) -> str | None:
    """Return why a step cannot run in a graph, None if it can. Nothing is computed, and no variable changes.

    A graph runs the Python of a step once, while it is traced. So this traces two steps, in graphs that are thrown
    away, and looks whether Python variables change, or the second step uses other numbers, as those of a generator do,
    which cannot be set back. Variables of TensorFlow may be created in the first step, as optimizers of Keras do, but
    not in each.
    """
    state = PythonState(_own_things(model, update))
    try:
        first, second = (_traced(step, model, images, update) for _ in range(2))
        third = _traced(step, model, images, update) if first.creates else first
    except Exception as error:  # noqa: BLE001 -- code of the user's may raise anything
        return textwrap.shorten(f"{type(error).__name__}: {error}", _MOST_OF_REASON)
    else:
        if not first.assigns:
            warn(
                "update_weights changes no weight: w.assign_sub(g * rate) changes it, but w = w - g * rate only gives "
                "the result a name"
            )
        if changes := state.changes():
            return f"each step changes {', '.join(changes)}, but a graph would do so only once"
        if second.creates:
            return "each step makes a new tf.Variable, but a graph has room for those of the first one"
        if second.operations != third.operations:
            return "each step uses other numbers, but a graph would keep those of the first one"
        return None
    finally:
        state.restore()


@dataclass(frozen=True, kw_only=True)
class _Traced:
    """A traced step.

    Attributes:
        creates: Whether it creates variables.
        assigns: Whether it assigns to any.
        operations: The type of each operation, and of a constant its value, also inside branches and a ``tf.function``.
    """

    creates: bool
    assigns: bool
    operations: Sequence[tuple[str, bytes]]


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
    definition = graph.as_graph_def()
    inner = (node for function in definition.library.function for node in function.node_def)
    nodes = [
        (each.op, each.attr["value"].SerializeToString() if each.op == "Const" else b"")
        for each in (*definition.node, *inner)
    ]
    assigns = any("Assign" in kind or kind.startswith("Resource") for kind, _ in nodes)
    return _Traced(creates=bool(created), assigns=assigns, operations=sorted(nodes))


def _own_things(model: Any, update: Updater) -> Iterator[Any]:
    """Yield what may be code of the user's: the model, its layers, their activations and the update function."""
    yield from (model, getattr(update, "function", None))
    for layer in getattr(model, "layers", ()):
        yield from (layer, getattr(layer, "activation", None))
