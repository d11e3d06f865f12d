"""Rules whose momentum can change while they train: gradient descent, and RMSprop."""

from collections.abc import Sequence
from typing import Any

from naivenet.backend import tf
from naivenet.engine.updaters.base import MomentumUpdater, zeros_like


class SGDUpdater(MomentumUpdater):
    """``v = momentum * v - rate * g; w += v``. Polyak, 1964; with *nesterov*, as Sutskever et al., 2013."""

    def __init__(self, weights: Sequence[Any], *, learning_rate: float, momentum: float, nesterov: bool) -> None:
        super().__init__(weights, learning_rate=learning_rate, momentum=momentum)
        self._nesterov = nesterov

    @property
    def _variables(self) -> list[Any]:  # type: ignore[override]  # which there are depends on the momentum
        return self._velocities if self.momentum else []

    def _moves(self, gradients: Sequence[Any]) -> list[Any]:
        return [gradient * self._rate for gradient in gradients]

    def _with_momentum(self, gradients: Sequence[Any], moves: Sequence[Any], weights: Sequence[Any]) -> None:  # noqa: ARG002 -- as the others are called
        for v, move, weight in zip(self._velocities, moves, weights, strict=True):
            v.assign(v * self._momentum - move)
            weight.assign_add(v * self._momentum - move if self._nesterov else v)


class RMSpropUpdater(MomentumUpdater):
    """The gradient over the root of its mean square. Hinton, 2012; *centered*, over its standard deviation."""

    def __init__(  # noqa: PLR0913 -- the rule's own parameters, by keyword
        self,
        weights: Sequence[Any],
        *,
        learning_rate: float,
        rho: float,
        momentum: float,
        epsilon: float,
        centered: bool,
    ) -> None:
        super().__init__(weights, learning_rate=learning_rate, momentum=momentum)
        self._rho, self._epsilon = rho, epsilon
        self._mean_squares = zeros_like(weights)
        self._means = zeros_like(weights) if centered else []

    @property
    def _variables(self) -> list[Any]:  # type: ignore[override]  # which there are depends on the momentum
        return [*self._mean_squares, *self._means, *(self._velocities if self.momentum else [])]

    def _moves(self, gradients: Sequence[Any]) -> list[Any]:
        for square, gradient in zip(self._mean_squares, gradients, strict=True):
            square.assign(self._rho * square + (1 - self._rho) * tf.square(gradient))
        if not self._means:
            spreads = [square + self._epsilon for square in self._mean_squares]
        else:
            for mean, gradient in zip(self._means, gradients, strict=True):
                mean.assign(self._rho * mean + (1 - self._rho) * gradient)
            pairs = zip(self._mean_squares, self._means, strict=True)
            spreads = [square - tf.square(mean) + self._epsilon for square, mean in pairs]
        return [self._rate * g / tf.sqrt(spread) for g, spread in zip(gradients, spreads, strict=True)]

    def _with_momentum(self, gradients: Sequence[Any], moves: Sequence[Any], weights: Sequence[Any]) -> None:  # noqa: ARG002 -- as the others are called
        for v, move, weight in zip(self._velocities, moves, weights, strict=True):
            v.assign(self._momentum * v + move)
            weight.assign_sub(v)
