"""The notebook's classes, and layers and an optimizer as students write them."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from naivenet import NaiveDense


class OwnDense:
    """The notebook's layer."""

    def __init__(self, input_size: int, output_size: int, activation: Callable[[Any], Any]) -> None:
        self.activation = activation
        self.W = tf.Variable(tf.random.uniform((input_size, output_size), minval=0, maxval=1e-1))
        self.b = tf.Variable(tf.zeros((output_size,)))

    def __call__(self, inputs: Any) -> Any:
        """Compute the outputs."""
        return self.activation(tf.matmul(inputs, self.W) + self.b)

    @property
    def weights(self) -> list[Any]:
        """Both weights."""
        return [self.W, self.b]


class OwnSequential:
    """The notebook's network."""

    def __init__(self, layers: list[Any]) -> None:
        self.layers = layers

    def __call__(self, inputs: Any) -> Any:
        """Call the layers in order."""
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self) -> list[Any]:
        """The weights of all layers."""
        weights = []
        for layer in self.layers:
            weights += layer.weights
        return weights


class ListedDense:
    """A layer without a property and without any attribute but its list of weights."""

    def __init__(self, input_size: int, output_size: int) -> None:
        self.weights = [
            tf.Variable(tf.random.normal((input_size, output_size), stddev=0.05)),
            tf.Variable(tf.zeros(output_size)),
        ]

    def __call__(self, x: Any) -> Any:
        """Compute the outputs, without activation."""
        return x @ self.weights[0] + self.weights[1]


class Scale:
    """A learnable factor for each number."""

    def __init__(self, size: int) -> None:
        self.factor = tf.Variable(tf.ones(size))

    def __call__(self, x: Any) -> Any:
        """Scale."""
        return x * self.factor

    @property
    def weights(self) -> list[Any]:
        """The factor."""
        return [self.factor]


class Flatten:
    """A layer with an empty list of weights."""

    weights: tuple[Any, ...] = ()

    def __call__(self, x: Any) -> Any:
        """Make each sample one row."""
        return tf.reshape(x, (tf.shape(x)[0], -1))


class Dropout:
    """A layer that draws random numbers."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.weights: list[Any] = []

    def __call__(self, x: Any) -> Any:
        """Drop some numbers."""
        return tf.nn.dropout(x, self.rate)


class Doubled(NaiveDense):
    """A subclass that computes something else."""

    def __call__(self, x: Any) -> Any:
        """Compute twice the outputs."""
        return 2 * super().__call__(x)


class WithoutWeights:
    """An object that can be called, and has no weights."""

    def __call__(self, x: Any) -> Any:
        """Return *x*."""
        return x


class ForgottenProperty(WithoutWeights):
    """A layer whose weights lack @property."""

    def weights(self) -> list[Any]:
        """List no weight."""
        return []


class Momentum:
    """An optimizer of the student's own, with the velocities as a list of tensors."""

    velocities: Any = None

    def step(self, gradients: Any, weights: Any) -> None:
        """Add up the gradients, and update."""
        velocities = self.velocities or [tf.zeros_like(w) for w in weights]
        self.velocities = [0.9 * v + g for v, g in zip(velocities, gradients, strict=True)]
        for v, w in zip(self.velocities, weights, strict=True):
            w.assign_sub(v * 0.05)
