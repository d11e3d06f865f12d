"""The network: `NaiveDense`, one layer, and `NaiveSequential`, several layers in order.

Both work on TensorFlow variables, which can be trained, and on NumPy arrays, which predict without TensorFlow.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np

from naivenet.backend import Tensor, tf, to_numpy
from naivenet.choices.activations import Activation, get_activation
from naivenet.choices.initializers import Initializer, RandomUniform
from naivenet.choices.seeds import generator
from naivenet.errors import ShapeError
from naivenet.summary import layer_text, network_text, summary_table

AnyActivation = str | Activation | Callable[[Tensor], Tensor]


class NaiveDense:
    """A dense layer: ``activation(x @ W + b)``.

    ``W`` starts with uniform random numbers in [0, 0.1), or with those of another initializer, and ``b`` with zeros.
    Both are TensorFlow variables. `from_weights` makes a layer from existing weights.

    Args:
        input_size: How many numbers a sample has.
        output_size: How many numbers the layer returns for each sample.
        activation: A name (`ActivationName`), a function of ``tf.nn``, or any callable that keeps the shape.
        initializer: The initial values of ``W``.
        seed: Makes the initial values repeatable.

    Shapes:
        x: (..., input_size) -> (..., output_size).
        W: (input_size, output_size).
        b: (output_size,).

    Raises:
        ShapeError: A size is less than 1; or, in a call, the last axis of *x* is not ``input_size``.
        UnknownName: There is no such activation.
    """

    def __init__(
        self,
        input_size: int,
        output_size: int,
        activation: AnyActivation,
        *,
        initializer: Initializer | None = None,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        if input_size < 1 or output_size < 1:
            raise ShapeError(f"a layer needs sizes of at least 1, not {input_size} and {output_size}")
        self.activation = get_activation(activation)
        self.initializer = initializer or RandomUniform()
        rng = seed if isinstance(seed, np.random.Generator) else generator(seed, "initial weights")
        self.W: Tensor = tf.Variable(self.initializer((input_size, output_size), rng))
        self.b: Tensor = tf.Variable(np.zeros(output_size, np.float32))

    @classmethod
    def from_weights(
        cls, W: Tensor, b: Tensor, activation: AnyActivation, *, initializer: Initializer | None = None
    ) -> "NaiveDense":
        """Make a layer that uses *W* and *b* themselves, NumPy arrays or TensorFlow variables.

        Raises:
            ShapeError: *W* is not (input_size, output_size), or *b* is not (output_size,).
        """
        if len(W.shape) != 2 or tuple(b.shape) != tuple(W.shape[1:]):  # noqa: PLR2004 -- a matrix
            raise ShapeError(
                f"a layer needs W (inputs, outputs) and b (outputs,), not {tuple(W.shape)} and {tuple(b.shape)}"
            )
        layer = cls.__new__(cls)
        layer.activation = get_activation(activation)
        layer.initializer = initializer or RandomUniform()
        layer.W, layer.b = W, b
        return layer

    def __call__(self, x: Tensor) -> Tensor:
        """Compute the outputs of the layer for samples *x*."""
        if not len(x.shape) or x.shape[-1] != self.input_size:
            raise ShapeError(f"the layer takes samples of {self.input_size} numbers, but the input is {tuple(x.shape)}")
        return self.activation(x @ self.W + self.b)

    @property
    def weights(self) -> list[Tensor]:
        """``[W, b]``."""
        return [self.W, self.b]

    @property
    def input_size(self) -> int:
        """How many numbers a sample has."""
        return int(self.W.shape[0])

    @property
    def output_size(self) -> int:
        """How many numbers the layer returns for each sample."""
        return int(self.W.shape[1])

    def __repr__(self) -> str:
        """Return the sizes and the activation in one line."""
        return layer_text(self)

    def numpy(self) -> "NaiveDense":
        """Copy the layer onto new NumPy arrays."""
        W, b = map(to_numpy, self.weights)
        return NaiveDense.from_weights(W, b, self.activation, initializer=self.initializer)


class NaiveSequential:
    """A network: *layers*, called in order.

    Shapes:
        x: (..., input_size) -> (..., output_size).

    Raises:
        ShapeError: There is no layer, or the sizes of two neighbours differ; or, in a call, the last axis of *x* is
            not ``input_size``.
    """

    def __init__(self, layers: Iterable[NaiveDense]) -> None:
        self.layers = list(layers)
        if not self.layers:
            raise ShapeError("a network needs at least one layer")
        for number, (before, after) in enumerate(pairwise(self.layers)):
            if before.output_size != after.input_size:
                raise ShapeError(
                    f"layer {number} returns {before.output_size} numbers for each sample, "
                    f"but layer {number + 1} takes {after.input_size}"
                )

    @classmethod
    def from_weights(cls, weights: Sequence[Tensor], activations: Sequence[AnyActivation]) -> "NaiveSequential":
        """Make a network that uses *weights* themselves, ``[W, b, W, b, ...]``, with one activation for each layer."""
        return cls(map(NaiveDense.from_weights, weights[::2], weights[1::2], activations))

    def __call__(self, inputs: Tensor) -> Tensor:
        """Call the layers in order."""
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self) -> list[Tensor]:
        """The weights of all layers, in order: ``[W, b, W, b, ...]``."""
        return [weight for layer in self.layers for weight in layer.weights]

    @property
    def input_size(self) -> int:
        """How many numbers a sample has."""
        return self.layers[0].input_size

    @property
    def output_size(self) -> int:
        """How many numbers (classes) the network returns for each sample."""
        return self.layers[-1].output_size

    def summary(self) -> None:
        """Print the layers with their shapes and numbers of parameters, as Keras does."""
        print(summary_table(self))  # noqa: T201 -- what it is for

    def __repr__(self) -> str:
        """Return the layers and the number of parameters in one line."""
        return network_text(self)

    def numpy(self) -> "NaiveSequential":
        """Copy the network onto new NumPy arrays, where it predicts without TensorFlow."""
        return NaiveSequential(layer.numpy() for layer in self.layers)
