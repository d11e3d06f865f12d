"""The one layer there is, ``activation(x @ W + b)``: on TensorFlow variables or on NumPy arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.activations import Activation, get_activation
from naivenet.errors import ShapeError
from naivenet.initializers import Initializer, RandomUniform
from naivenet.lazy import tf
from naivenet.seeds import generator


class NaiveDense:
    """The affine map ``activation(x @ W + b)``.

    ``W`` starts uniform in [0, 0.1) unless another initializer is given, and ``b`` as zeros; both are
    TensorFlow variables. `from_weights` makes the same layer on weights that exist.

    Args:
        input_size: How many numbers a sample has.
        output_size: How many the layer answers for it.
        activation: A name (`ActivationName`), a function of ``tf.nn``, or any callable that keeps a shape.
        initializer: Where ``W`` starts.
        seed: With the same seed, ``W`` starts with the same bytes.

    Shapes:
        x: (..., input_size) -> (..., output_size).
        W: (input_size, output_size).
        b: (output_size,).

    Raises:
        ShapeError: A size is less than 1; or, when called, the last axis of *x* is not ``input_size``.
        UnknownName: No such activation.
    """

    def __init__(
        self,
        input_size: int,
        output_size: int,
        activation: str | Activation | Callable[[Any], Any],
        *,
        initializer: Initializer | None = None,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        if input_size < 1 or output_size < 1:
            raise ShapeError(f"a layer needs sizes of at least 1, not {input_size} and {output_size}")
        self.activation = get_activation(activation)
        self.initializer = initializer or RandomUniform()
        rng = seed if isinstance(seed, np.random.Generator) else generator(seed, "initial weights")
        self.W: Any = tf.Variable(self.initializer((input_size, output_size), rng))
        self.b: Any = tf.Variable(np.zeros(output_size, np.float32))

    @classmethod
    def from_weights(
        cls,
        W: Any,
        b: Any,
        activation: str | Activation | Callable[[Any], Any],
        *,
        initializer: Initializer | None = None,
    ) -> "NaiveDense":
        """Make the layer on weights that exist, NumPy arrays or TensorFlow variables.

        Raises:
            ShapeError: *W* is not (input_size, output_size), or *b* not (output_size,).
        """
        if len(W.shape) != 2 or tuple(b.shape) != tuple(W.shape[1:]):  # noqa: PLR2004 -- a matrix
            raise ShapeError(f"a layer needs W (inputs, outputs) and b (outputs,), not {_shape(W)} and {_shape(b)}")
        layer = cls.__new__(cls)
        layer.activation = get_activation(activation)
        layer.initializer = initializer or RandomUniform()
        layer.W, layer.b = W, b
        return layer

    def __call__(self, x: Any) -> Any:
        """Map samples *x* to what the layer makes of them."""
        if not len(x.shape) or x.shape[-1] != self.input_size:
            raise ShapeError(f"the layer takes {self.input_size} inputs a sample, but was given {_shape(x)}")
        return self.activation(x @ self.W + self.b)

    @property
    def weights(self) -> list[Any]:
        """``[W, b]``."""
        return [self.W, self.b]

    @property
    def input_size(self) -> int:
        """How many numbers a sample has."""
        return int(self.W.shape[0])

    @property
    def output_size(self) -> int:
        """How many numbers the layer answers for a sample."""
        return int(self.W.shape[1])

    def numpy(self) -> "NaiveDense":
        """Copy the layer onto NumPy arrays of its own."""
        W, b = (copied(weight) for weight in self.weights)
        return NaiveDense.from_weights(W, b, self.activation, initializer=self.initializer)


def copied(weight: Any) -> NDArray[np.float32]:
    """Copy a weight of either kind into an array of its own."""
    array = weight if isinstance(weight, np.ndarray) else weight.numpy()
    return np.array(array, order="C")


def _shape(x: Any) -> tuple[Any, ...]:
    return tuple(x.shape)
