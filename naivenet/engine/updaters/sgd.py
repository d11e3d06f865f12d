"""Gradient descent: the notebook's rule, and with momentum."""

from collections.abc import Sequence

from naivenet.backend import Tensor, tf
from naivenet.choices.optimizers import SGD
from naivenet.engine.updaters.base import Updater
from naivenet.engine.updaters.momentum import MomentumUpdater


class NaiveUpdater(Updater):
    """``w -= rate * g``, as `naivenet.update_weights` does it."""

    def __call__(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Change the weights."""
        for g, w in zip(gradients, weights, strict=True):
            w.assign_sub(tf.convert_to_tensor(g) * self.rate)


class SGDUpdater(MomentumUpdater):
    """``v = momentum * v - rate * g;  w += v``. Polyak, 1964; with *nesterov*, Sutskever et al., 2013."""

    optimizer: SGD

    def _moves(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        return [gradient * self.rate for gradient in gradients]

    def _move_with_momentum(self, moves: Sequence[Tensor], weights: Sequence[Tensor], momentum: Tensor) -> None:
        for v, move, weight in zip(self.state["velocity"], moves, weights, strict=True):
            v.assign(v * momentum - move)
            weight.assign_add(v * momentum - move if self.optimizer.nesterov else v)
