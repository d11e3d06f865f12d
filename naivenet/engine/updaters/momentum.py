"""The base of the rules with a momentum."""

from collections.abc import Sequence
from typing import Any

from naivenet.backend import Tensor, tf
from naivenet.choices.optimizers import SGD, RMSprop
from naivenet.engine.updaters.base import State, Updater, scalar, zeros_like


class MomentumUpdater(Updater):
    """Changes each weight by a move, directly or through a velocity.

    Keras's optimizers fix the momentum when the graph is traced; here it is a variable. The arithmetic is Keras's,
    operation by operation. Without momentum the velocities are no slots. Turning the momentum off sets them to 0.
    """

    optimizer: SGD | RMSprop

    def __init__(self, optimizer: SGD | RMSprop, state: State) -> None:
        super().__init__(optimizer, state)
        self._momentum = optimizer.momentum

    @classmethod
    def new_state(cls, optimizer: Any, weights: Sequence[Tensor]) -> State:
        """Make the learning rate, the momentum and the velocities."""
        momentum = [scalar(optimizer.momentum)]
        return {**super().new_state(optimizer, weights), "momentum": momentum, "velocity": zeros_like(weights)}

    def __call__(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Change the weights, through their velocities if the momentum is greater than 0."""
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        moves = self._moves(dense)
        momentum = self.state["momentum"][0]
        tf.cond(
            momentum > 0,
            lambda: self._move_with_momentum(moves, weights, momentum),
            lambda: _move(moves, weights),
        )

    @property
    def momentum(self) -> float:
        """The momentum. A new value holds from the next step, in graphs too."""
        return self._momentum

    @momentum.setter
    def momentum(self, momentum: float) -> None:
        self._momentum = momentum
        self.state["momentum"][0].assign(momentum)
        if not momentum:
            for velocity in self.state["velocity"]:
                velocity.assign(tf.zeros_like(velocity))

    def _slot_variables(self) -> Sequence[Tensor]:
        return [*super()._slot_variables(), *(self.state["velocity"] if self._momentum else [])]

    def _moves(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Return what each weight loses in a step without momentum."""
        raise NotImplementedError

    def _move_with_momentum(self, moves: Sequence[Tensor], weights: Sequence[Tensor], momentum: Tensor) -> None:
        raise NotImplementedError


def _move(moves: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
    for weight, move in zip(weights, moves, strict=True):
        weight.assign_sub(move)
