"""Adam and AdamW: Keras's numbers to the last places, by the one kernel that TensorFlow has for the whole rule."""

from collections.abc import Sequence
from typing import Any

from naivenet.backend import tf
from naivenet.engine.updaters.base import Updater, variable, zeros_like


class AdamUpdater(Updater):
    """``m += (g - m)(1 - β₁);  v += (g² - v)(1 - β₂);  w -= a m / (√v + ε)``, ``a = rate √(1 - β₂ᵗ) / (1 - β₁ᵗ)``.

    Kingma and Ba, 2014, with the epsilon of their section 2.1. With *amsgrad*, of Reddi et al., 2018, the largest v so
    far takes v's place; with *weight_decay*, of Loshchilov and Hutter, 2017, each weight first loses its share
    ``w -= w * weight_decay * rate``.

    Said operation by operation, this would read and write each weight's numbers a dozen times: half a step's time.
    """

    def __init__(  # noqa: PLR0913 -- the rule's own parameters, by keyword
        self,
        weights: Sequence[Any],
        *,
        learning_rate: float,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        amsgrad: bool,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate, variable(learning_rate))
        self._beta_1, self._beta_2, self._epsilon, self._weight_decay = beta_1, beta_2, epsilon, weight_decay
        self._step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._means, self._mean_squares = zeros_like(weights), zeros_like(weights)
        self._largest = zeros_like(weights) if amsgrad else []
        self._variables = [self._step, *self._means, *self._mean_squares, *self._largest]

    def __call__(self, gradients: Sequence[Any], weights: Sequence[Any]) -> None:
        """Move the weights."""
        self._step.assign_add(1)
        step = tf.cast(self._step, tf.float32)
        rule: dict[str, Any] = {
            "beta1_power": tf.pow(self._beta_1, step),
            "beta2_power": tf.pow(self._beta_2, step),
            "lr": self._rate,
            "beta1": self._beta_1,
            "beta2": self._beta_2,
            "epsilon": self._epsilon,
        }
        for i, (gradient, weight) in enumerate(zip(gradients, weights, strict=True)):
            if self._weight_decay:
                weight.assign_sub(weight * self._weight_decay * self._rate)
            places = {"var": weight.handle, "m": self._means[i].handle, "v": self._mean_squares[i].handle}
            if self._largest:
                tf.raw_ops.ResourceApplyAdamWithAmsgrad(
                    **places, vhat=self._largest[i].handle, **rule, grad=tf.convert_to_tensor(gradient)
                )
            else:
                tf.raw_ops.ResourceApplyAdam(**places, **rule, grad=tf.convert_to_tensor(gradient))
