"""RMSprop: the gradient over the root of its mean square. Hinton, 2012."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from naivenet.backend import Tensor, tf
from naivenet.choices.optimizers import RMSprop
from naivenet.engine.updaters.base import State, zeros_like
from naivenet.engine.updaters.momentum import MomentumUpdater


def plain_rmsprop_step(  # noqa: PLR0913 -- the letters of the formula
    w: Tensor, g: Tensor, s: Tensor, *, rate: float, rho: float, epsilon: float
) -> tuple[Tensor, Tensor]:
    """Return weight and mean square after one step of RMSprop, in NumPy. A test compares `RMSpropUpdater` with it."""
    s = rho * s + (1 - rho) * g**2
    w = w - rate * g / np.sqrt(s + epsilon)
    return w, s


class RMSpropUpdater(MomentumUpdater):
    """`plain_rmsprop_step`; with *centered*, the variance of the gradients replaces their mean square."""

    optimizer: RMSprop
    slot_names: ClassVar[tuple[str, ...]] = ("mean_square", "mean")

    @classmethod
    def new_state(cls, optimizer: RMSprop, weights: Sequence[Tensor]) -> State:
        """Make the means too: of the squares, and with *centered* of the gradients."""
        mean = zeros_like(weights) if optimizer.centered else []
        return {**super().new_state(optimizer, weights), "mean_square": zeros_like(weights), "mean": mean}

    def _moves(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        return [
            self.rate * gradient / tf.sqrt(spread)
            for gradient, spread in zip(gradients, self._spreads(gradients), strict=True)
        ]

    def _spreads(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Update the means, and return what stands below the root for each weight."""
        rho, epsilon = self.optimizer.rho, self.optimizer.epsilon
        squares, means = self.state["mean_square"], self.state["mean"]
        for square, gradient in zip(squares, gradients, strict=True):
            square.assign(rho * square + (1 - rho) * tf.square(gradient))
        if not means:
            return [square + epsilon for square in squares]
        for mean, gradient in zip(means, gradients, strict=True):
            mean.assign(rho * mean + (1 - rho) * gradient)
        return [square - tf.square(mean) + epsilon for square, mean in zip(squares, means, strict=True)]

    def _move_with_momentum(self, moves: Sequence[Tensor], weights: Sequence[Tensor], momentum: Tensor) -> None:
        for v, move, weight in zip(self.state["velocity"], moves, weights, strict=True):
            v.assign(momentum * v + move)
            weight.assign_sub(v)
