"""Adam and AdamW. Kingma and Ba, 2014; Loshchilov and Hutter, 2017."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from naivenet.backend import Tensor, tf
from naivenet.choices.optimizers import Adam, AdamW
from naivenet.engine.updaters.base import State, Updater, zeros_like


def plain_adam_step(  # noqa: PLR0913 -- the letters of the formula
    w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: int, *, rate: float, beta_1: float, beta_2: float, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return weight, mean and mean square after step *t* (from 1) of Adam, in NumPy.

    The form with epsilon outside the bias correction, from section 2 of the paper. A test compares `AdamUpdater`
    with it.
    """
    m = m + (1 - beta_1) * (g - m)
    v = v + (1 - beta_2) * (g**2 - v)
    bias = np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    w = w - rate * bias * m / (np.sqrt(v) + epsilon)
    return w, m, v


class AdamUpdater(Updater):
    """`plain_adam_step` by the one TensorFlow kernel for the whole rule; the results equal Keras's within rounding.

    With *amsgrad* (Reddi et al., 2018), the largest mean square so far takes the place of the mean square. With
    *weight_decay* (AdamW), each weight first loses ``w * weight_decay * rate``.

    As separate operations, the rule would read and write each weight's numbers a dozen times. One kernel saves a
    fifth of a step.
    """

    optimizer: Adam | AdamW
    slot_names: ClassVar[tuple[str, ...]] = ("step", "mean", "mean_square", "largest")

    @classmethod
    def new_state(cls, optimizer: Adam | AdamW, weights: Sequence[Tensor]) -> State:
        """Make the learning rate, the number of steps and the means."""
        return {
            **super().new_state(optimizer, weights),
            "step": [tf.Variable(0, dtype=tf.int64, trainable=False)],
            "mean": zeros_like(weights),
            "mean_square": zeros_like(weights),
            "largest": zeros_like(weights) if optimizer.amsgrad else [],
        }

    def __call__(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Change the weights."""
        self.state["step"][0].assign_add(1)
        rule = self._rule()
        for i, (gradient, weight) in enumerate(zip(gradients, weights, strict=True)):
            if isinstance(self.optimizer, AdamW) and self.optimizer.weight_decay:
                weight.assign_sub(weight * self.optimizer.weight_decay * self.rate)
            arguments = {**rule, "var": weight.handle, "grad": tf.convert_to_tensor(gradient)}
            arguments |= {"m": self.state["mean"][i].handle, "v": self.state["mean_square"][i].handle}
            if self.optimizer.amsgrad:
                tf.raw_ops.ResourceApplyAdamWithAmsgrad(**arguments, vhat=self.state["largest"][i].handle)
            else:
                tf.raw_ops.ResourceApplyAdam(**arguments)

    def _rule(self) -> dict[str, Any]:
        """Return the kernel's arguments that are the same for all weights."""
        step = tf.cast(self.state["step"][0], tf.float32)
        return {
            "beta1_power": tf.pow(self.optimizer.beta_1, step),
            "beta2_power": tf.pow(self.optimizer.beta_2, step),
            "lr": self.rate,
            "beta1": self.optimizer.beta_1,
            "beta2": self.optimizer.beta_2,
            "epsilon": self.optimizer.epsilon,
        }
