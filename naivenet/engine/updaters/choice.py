"""Finds the updater that a caller means by a name, a class, a description, an optimizer of Keras or a function."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeAlias, get_args

from naivenet.backend import Tensor, keras
from naivenet.choices.optimizers import Naive, Optimizer, get_optimizer
from naivenet.choices.parameters import in_place_of_rate
from naivenet.choices.schedules import Schedule, get_schedule
from naivenet.engine.updaters.base import Updater
from naivenet.engine.updaters.from_function import FunctionUpdater, UpdateFunction
from naivenet.engine.updaters.from_keras import KerasObjectUpdater
from naivenet.engine.updaters.table import make_updater
from naivenet.errors import ParameterError, UnknownName

OURS = get_args(Optimizer)
#: A description, ``SGD(learning_rate=0.1)``; a name, ``"sgd"``; a class; or an optimizer object of Keras.
AnyOptimizer: TypeAlias = Any


def choose_updater(
    weights: Sequence[Tensor],
    *,
    optimizer: AnyOptimizer = None,
    learning_rate: float | None = None,
    update_weights: UpdateFunction | None = None,
    schedule: Schedule | None = None,
) -> Updater:
    """Make the updater for *weights*; without any choice the notebook's rule.

    Raises:
        ParameterError: Two choices contradict each other, or one is of the wrong type.
        UnknownName: There is no optimizer of that name.
    """
    if update_weights is not None:
        updater = _from_function(update_weights, optimizer, learning_rate)
    else:
        updater = _from_optimizer(as_optimizer(optimizer, learning_rate), weights)
    if schedule is not None and updater.sets_its_rate:
        raise ParameterError(
            "schedule cannot change a learning rate that is set elsewhere: use a schedule of Keras in its optimizer, "
            "compute the rate in update_weights, or choose an optimizer of naivenet, such as SGD(learning_rate=0.1)"
        )
    return updater


def as_optimizer(optimizer: AnyOptimizer, learning_rate: float | None = None) -> Any:
    """Return a description of ours or an optimizer object of Keras, with *learning_rate* if it is given.

    Raises:
        ParameterError: *optimizer* is none, or it has a learning rate already.
        UnknownName: There is no optimizer of that name.
    """
    rate: dict[str, Any] = {} if learning_rate is None else {"learning_rate": _number(learning_rate)}
    if optimizer is None:
        return Naive(**rate)
    if isinstance(optimizer, str):
        return _named(optimizer, rate)
    if isinstance(optimizer, type) and issubclass(optimizer, (*OURS, keras.optimizers.Optimizer)):
        return optimizer(**rate)
    if not isinstance(optimizer, (*OURS, keras.optimizers.Optimizer)):
        raise ParameterError(_no_optimizer(optimizer))
    if rate:
        name = type(optimizer).__name__
        raise ParameterError(f"the optimizer has its own learning rate: write {name}(learning_rate={learning_rate})")
    return optimizer


def as_schedule(schedule: Any) -> Schedule | None:
    """Return the schedule for a name or a class; a schedule unchanged.

    Raises:
        ParameterError: *schedule* is none of ours.
        UnknownName: There is no schedule of that name.
    """
    if isinstance(schedule, str):
        return get_schedule(schedule)
    if isinstance(schedule, type) and issubclass(schedule, get_args(Schedule)):
        return schedule()  # type: ignore[no-any-return]  # one of the union's members
    if schedule is None or isinstance(schedule, get_args(Schedule)):
        return schedule
    raise ParameterError(
        f"a schedule is a name or one of naivenet's, such as CosineDecay(), not {type(schedule).__name__}; "
        "a schedule of Keras belongs in its optimizer: keras.optimizers.SGD(learning_rate=...)"
    )


def _from_function(function: Any, optimizer: Any, learning_rate: Any) -> Updater:
    if optimizer is not None:
        raise ParameterError("optimizer and update_weights are two rules: pass one of them")
    if learning_rate is not None:
        raise ParameterError("learning_rate does not reach update_weights: set the rate inside the function")
    if not callable(function) or hasattr(function, "apply_gradients"):
        raise ParameterError(
            f"update_weights is a function of gradients and weights, not {type(function).__name__}; "
            "pass an optimizer as optimizer="
        )
    return FunctionUpdater(function)


def _from_optimizer(optimizer: Any, weights: Sequence[Tensor]) -> Updater:
    return make_updater(optimizer, weights) if isinstance(optimizer, OURS) else KerasObjectUpdater(optimizer, weights)


def _named(name: str, rate: dict[str, Any]) -> Any:
    """Return the optimizer *name*, ours or else one that only Keras has, such as ``"adafactor"``."""
    try:
        return get_optimizer(name, **rate)
    except UnknownName:
        try:
            return type(keras.optimizers.get(name))(**rate)
        except ValueError:
            pass
        raise


def _number(learning_rate: Any) -> float:
    if not isinstance(learning_rate, Real) or isinstance(learning_rate, bool):
        raise ParameterError(
            f"learning_rate must be a number, not {type(learning_rate).__name__}{in_place_of_rate(learning_rate)}"
        )
    return float(learning_rate)


def _no_optimizer(optimizer: Any) -> str:
    if hasattr(optimizer, "apply_gradients"):
        return (
            f"{type(optimizer).__name__} is no optimizer of Keras: pass "
            "update_weights=lambda gradients, weights: optimizer.apply_gradients(zip(gradients, weights))"
        )
    if callable(optimizer):
        return "optimizer is a function: pass it as update_weights="
    return (
        "an optimizer is a name, such as 'adam', one of naivenet, such as SGD(learning_rate=0.1), or one of Keras, "
        f"not {type(optimizer).__name__}"
    )
