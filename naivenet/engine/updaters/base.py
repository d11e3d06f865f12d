"""The base of all updaters: the learning rate, the momentum and the slots."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import Tensor, tf
from naivenet.errors import CheckpointError, ParameterError

Slots = list[NDArray[Any]]
#: The variables of an updater by name, such as ``"rate"`` (one variable) or ``"velocity"`` (one for each weight).
State = Mapping[str, Sequence[Tensor]]


class Updater:
    """Applies gradients to weights, inside a graph or eagerly.

    Its slots are the part of its state that a resumed run needs. The learning rate and the momentum are not slots:
    the caller gives them again.

    Args:
        optimizer: The description of the rule, of the class that the table pairs with this updater.
        state: The variables that the rule reads and changes, as `new_state` makes them.

    Attributes:
        slot_names: Which variables of the state are slots, in their order in a file.
        shareable: Whether a program that is compiled for one updater can run another one of the same rule.
        sets_its_rate: Whether the rule itself decides its learning rate, so that it takes none from a schedule.
        is_own_code: Whether the rule is code of the user's, which may not compile.
    """

    slot_names: ClassVar[tuple[str, ...]] = ()
    shareable: ClassVar[bool] = True
    sets_its_rate: ClassVar[bool] = False
    is_own_code: bool = False

    def __init__(self, optimizer: Any, state: State) -> None:
        self.optimizer, self.state = optimizer, state
        self._learning_rate: float = optimizer.learning_rate

    @classmethod
    def new_state(cls, optimizer: Any, weights: Sequence[Tensor]) -> State:  # noqa: ARG003 -- most rules need both
        """Make the variables for *weights*, with their values before the first step."""
        return {"rate": [scalar(optimizer.learning_rate)]}

    def __call__(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Change *weights* in place, each by its gradient."""
        raise NotImplementedError

    @property
    def rate(self) -> Tensor:
        """The variable with the learning rate of the next step."""
        return self.state["rate"][0]

    @property
    def learning_rate(self) -> float:
        """The learning rate, before a schedule changes it. A new value holds from the next step, in graphs too."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        self._learning_rate = learning_rate
        self.rate.assign(learning_rate)

    def use_rate(self, rate: Tensor) -> None:
        """Set the learning rate of the next step, as the schedule computed it."""
        self.rate.assign(rate)

    @property
    def momentum(self) -> float | None:
        """The momentum, None if the optimizer has none. A new value holds from the next step, in graphs too.

        Raises:
            ParameterError: A value is set, but the optimizer has no momentum.
        """
        return None

    @momentum.setter
    def momentum(self, momentum: float) -> None:
        raise ParameterError(f"this optimizer has no momentum; cannot set it to {momentum}")

    def finish(self, weights: Sequence[Tensor]) -> None:
        """Do what the rule does to the weights after the last step of a run: most rules nothing."""

    def slots(self) -> Slots:
        """Copy the slots into NumPy arrays, always in the same order."""
        return [np.array(slot.numpy()) for slot in self._slot_variables()]

    def restore(self, slots: Sequence[NDArray[Any]]) -> None:
        """Set the slots to the values that `slots` returned.

        Raises:
            CheckpointError: Number, shapes or dtypes are not those of this optimizer's slots for these weights.
        """
        expected = [(tuple(slot.shape), str(slot.dtype)) for slot in self.slots()]
        given = [(tuple(slot.shape), str(slot.dtype)) for slot in slots]
        if given != expected:
            raise CheckpointError(f"the optimizer's slots are {expected}, but the given ones are {given}")
        for variable, slot in zip(self._slot_variables(), slots, strict=True):
            variable.assign(slot)

    def _slot_variables(self) -> Sequence[Tensor]:
        return [variable for name in self.slot_names for variable in self.state[name]]


def zeros_like(weights: Sequence[Tensor]) -> list[Tensor]:
    """Make one variable for each weight, of its shape, filled with 0."""
    return [tf.Variable(tf.zeros_like(weight), trainable=False) for weight in weights]


def scalar(number: float) -> Tensor:
    """Make a float32 variable, whose value can change without a new trace of the graph."""
    return tf.Variable(number, dtype=tf.float32, trainable=False)
