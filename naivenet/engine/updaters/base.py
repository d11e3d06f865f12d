"""Holds what an optimizer remembers while it trains, so that training can be put away and gone on with."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import tf
from naivenet.errors import CheckpointError, ParameterError

Slots = list[NDArray[Any]]


class Updater:
    """Applies gradients to weights, inside a graph or outside.

    What it remembers between steps are its slots. The learning rate and the momentum are none: whoever goes
    on with a run says at which.

    Attributes:
        learning_rate: What a schedule takes its shares of; without one, the rate at which weights move.
        rule: What it does, but for the numbers in its variables: updaters of one rule can share a compiled program.
            None where it is bound to the weights that it was made for.
    """

    rule: Hashable | None = None
    _variables: Sequence[Any] = ()

    def __init__(self, learning_rate: float, rate: Any) -> None:
        self._base, self._rate = learning_rate, rate

    def __call__(self, gradients: Sequence[Any], weights: Sequence[Any]) -> None:
        """Move *weights*, each by what its gradient asks for."""
        raise NotImplementedError

    @property
    def learning_rate(self) -> float:
        """The learning rate; a new one holds from the next step, also in a graph that has been traced."""
        return self._base

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        self._base = learning_rate
        self._rate.assign(learning_rate)

    @property
    def variables(self) -> list[Any]:
        """All that may change between two steps, in an order that is the same for every updater of its rule."""
        found = [each for each in tf.nest.flatten(vars(self)) if isinstance(each, tf.Variable)]
        return list({id(each): each for each in found}.values())

    def use_rate(self, rate: Any) -> None:
        """Take the next step at *rate*, which a schedule made of the learning rate; to be called in a graph."""
        self._rate.assign(rate)

    @property
    def momentum(self) -> float | None:
        """The momentum, None where the optimizer has none; a new one holds as a learning rate does.

        Raises:
            ParameterError: It is set, and the optimizer has none.
        """
        return None

    @momentum.setter
    def momentum(self, momentum: float) -> None:
        raise ParameterError(f"this optimizer has no momentum that could become {momentum}")

    def slots(self) -> Slots:
        """Copy what it remembers, in an order that is always the same."""
        return [np.array(variable.numpy()) for variable in self._variables]

    def restore(self, slots: Sequence[NDArray[Any]]) -> None:
        """Remember what `slots` gave.

        Raises:
            CheckpointError: They are not the slots of this optimizer for these weights.
        """
        wanted = [(tuple(variable.shape), str(variable.dtype)) for variable in self.slots()]
        given = [(tuple(slot.shape), str(slot.dtype)) for slot in slots]
        if given != wanted:
            raise CheckpointError(f"the optimizer's slots are {wanted}, but those given are {given}")
        for variable, slot in zip(self._variables, slots, strict=True):
            variable.assign(slot)


class NaiveUpdater(Updater):
    """A rule of gradients, weights and learning rate; it remembers nothing."""

    def __init__(self, rule: Callable[[Sequence[Any], Sequence[Any], Any], None], learning_rate: float) -> None:
        super().__init__(learning_rate, variable(learning_rate))
        self._rule = rule

    def __call__(self, gradients: Sequence[Any], weights: Sequence[Any]) -> None:
        """Apply the rule."""
        self._rule(gradients, weights, self._rate)


class KerasUpdater(Updater):
    """An optimizer of Keras, bound to the weights that it is built for."""

    def __init__(self, optimizer: Any, weights: Sequence[Any], learning_rate: float) -> None:
        optimizer.build(list(weights))
        super().__init__(learning_rate, optimizer.learning_rate)
        self._optimizer = optimizer
        self._variables = [each for each in optimizer.variables if each is not self._rate]

    def __call__(self, gradients: Sequence[Any], weights: Sequence[Any]) -> None:
        """Apply the gradients."""
        self._optimizer.apply_gradients(zip(gradients, weights, strict=True))


class MomentumUpdater(Updater):
    """Base of the rules with a momentum, by hand: Keras's is fixed in the graph once that is traced.

    Their arithmetic is Keras's, operation by operation. Without momentum there are no velocities to remember:
    where it is turned off they become 0, and where it is turned on they start from there.
    """

    def __init__(self, weights: Sequence[Any], *, learning_rate: float, momentum: float) -> None:
        super().__init__(learning_rate, variable(learning_rate))
        self._momentum, self._momentum_number = variable(momentum), momentum
        self._velocities = zeros_like(weights)

    def __call__(self, gradients: Sequence[Any], weights: Sequence[Any]) -> None:
        """Move the weights, with their velocities where there is a momentum."""
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        moves = self._moves(dense)
        tf.cond(
            self._momentum > 0,
            lambda: self._with_momentum(dense, moves, weights),
            lambda: _fall(weights, moves),
        )

    @property
    def momentum(self) -> float:
        """The momentum; a new one holds from the next step, also in a graph that has been traced."""
        return self._momentum_number

    @momentum.setter
    def momentum(self, momentum: float) -> None:
        self._momentum_number = momentum
        self._momentum.assign(momentum)
        if not momentum:
            for velocity in self._velocities:
                velocity.assign(tf.zeros_like(velocity))

    def _moves(self, gradients: Sequence[Any]) -> list[Any]:
        """By how much each weight is to fall, were there no momentum."""
        raise NotImplementedError

    def _with_momentum(self, gradients: Sequence[Any], moves: Sequence[Any], weights: Sequence[Any]) -> None:
        raise NotImplementedError


def zeros_like(weights: Sequence[Any]) -> list[Any]:
    """One variable for each weight, of its shape, filled with 0."""
    return [tf.Variable(tf.zeros_like(weight), trainable=False) for weight in weights]


def _fall(weights: Sequence[Any], moves: Sequence[Any]) -> None:
    for weight, move in zip(weights, moves, strict=True):
        weight.assign_sub(move)


def variable(number: float) -> Any:
    """A number that may change in a graph without a new trace."""
    return tf.Variable(number, dtype=tf.float32, trainable=False)
