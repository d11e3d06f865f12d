"""Mixed precision: dense layers whose matrix products have operands in bfloat16, and all else in float32.

A bfloat16 is a float32 without its last 16 bits: it has the same range, but 8 significant bits instead of 24.
"""

from collections.abc import Callable
from typing import Literal, get_args

from naivenet.backend import Tensor, tf
from naivenet.errors import ParameterError
from naivenet.layers import NaiveDense
from naivenet.processor import computes_bfloat16

Precision = Literal["float32", "bfloat16"]


class BFloat16Dense(NaiveDense):
    """A dense layer that rounds the operands of its products to bfloat16: of ``x @ W``, and of those of its gradients.

    The bias, the activation and the variables stay float32.
    """

    def __call__(self, x: Tensor) -> Tensor:
        """Compute the outputs of the layer for samples *x*."""
        self._check(x)
        return self.activation(bfloat16_product(x, tf.convert_to_tensor(self.W)) + self.b)


def bfloat16_product(x: Tensor, W: Tensor) -> Tensor:
    """Return ``x @ W`` in float32, its operands rounded to bfloat16. The products of its gradients are made so, too.

    Shapes:
        x: (batch, inputs).
        W: (inputs, outputs).
        returns: (batch, outputs).
    """

    def product(x: Tensor, W: Tensor) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
        x, W = _operand(x), _operand(W)

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            dz = _operand(upstream)
            of_x, of_W = tf.matmul(dz, W, transpose_b=True), tf.matmul(x, dz, transpose_a=True)
            return tf.cast(of_x, tf.float32), tf.cast(of_W, tf.float32)

        return tf.cast(tf.matmul(x, W), tf.float32), gradients

    product_with_gradients = tf.custom_gradient(product)
    return product_with_gradients(x, W)


def check_precision(precision: object) -> None:
    """Refuse what is no `Precision`.

    Raises:
        ParameterError: *precision* is none.
    """
    if precision not in get_args(Precision):
        raise ParameterError(f'precision must be "float32" or "bfloat16", not {precision!r}')


def _operand(array: Tensor) -> Tensor:
    """Round to bfloat16. Where nothing computes in bfloat16 return float32 again: TensorFlow's kernel truncates there.

    That kernel multiplies in float32, too, so it is no faster, and it cuts the last 16 bits of the sums off.
    """
    rounded = tf.cast(array, tf.bfloat16)
    return rounded if computes_bfloat16() or tf.config.list_physical_devices("GPU") else tf.cast(rounded, tf.float32)
