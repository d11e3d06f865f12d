"""Layers, ``activation(x @ W + b)``, and a network of several: on TensorFlow variables or on NumPy arrays."""

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import tf
from naivenet.choices.activations import Activation, get_activation
from naivenet.choices.initializers import Initializer, RandomUniform
from naivenet.choices.seeds import generator
from naivenet.errors import ParameterError, ShapeError
from naivenet.inputs import scaled

if TYPE_CHECKING:
    from naivenet.network import Network


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


class NaiveSequential:
    """The composition of *layers*, called in order.

    Shapes:
        x: (..., input_size) -> (..., output_size).

    Raises:
        ShapeError: There is no layer, or one does not take what the one before it answers; or, when called,
            the last axis of *x* is not ``input_size``.
    """

    def __init__(self, layers: Iterable[NaiveDense]) -> None:
        self.layers = list(layers)
        if not self.layers:
            raise ShapeError("a network needs at least one layer")
        for number, (before, after) in enumerate(pairwise(self.layers)):
            if before.output_size != after.input_size:
                raise ShapeError(
                    f"layer {number} answers {before.output_size} numbers a sample, "
                    f"but layer {number + 1} takes {after.input_size}"
                )

    def __call__(self, inputs: Any) -> Any:
        """Call the layers in order."""
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self) -> list[Any]:
        """The weights of all layers, in order: ``[W, b, W, b, ...]``."""
        return [weight for layer in self.layers for weight in layer.weights]

    @property
    def input_size(self) -> int:
        """How many numbers a sample has."""
        return self.layers[0].input_size

    @property
    def output_size(self) -> int:
        """How many numbers, or classes, the network answers for a sample."""
        return self.layers[-1].output_size

    @property
    def network(self) -> "Network":
        """The description of this network, without its weights.

        Raises:
            ParameterError: An activation is a function without a name.
        """
        from naivenet.network import Layer, Network  # noqa: PLC0415 -- a description builds models, a model is described

        return Network(
            layers=tuple(
                Layer(units=layer.output_size, activation=_name(layer, number), initializer=layer.initializer)
                for number, layer in enumerate(self.layers)
            )
        )

    @cached_property
    def compiled(self) -> Any:
        """This network on TensorFlow as one graph, traced once for bytes and once for floats.

        Shapes:
            images: (samples, input_size), uint8 or float32 -> (samples, output_size) float32.
        """
        shape = [None, self.input_size]
        graph = tf.function(lambda images: self(scaled(images)), autograph=False)
        traces = {
            np.dtype(kind.as_numpy_dtype): graph.get_concrete_function(tf.TensorSpec(shape, kind))
            for kind in (tf.uint8, tf.float32)
        }
        return lambda images: traces[images.dtype](tf.constant(images))

    def numpy(self) -> "NaiveSequential":
        """Copy the network onto NumPy arrays of its own, where it answers without TensorFlow."""
        return NaiveSequential(layer.numpy() for layer in self.layers)


def copied(weight: Any) -> NDArray[np.float32]:
    """Copy a weight of either kind into an array of its own."""
    array = weight if isinstance(weight, np.ndarray) else weight.numpy()
    return np.array(array, order="C")


def _shape(x: Any) -> tuple[Any, ...]:
    return tuple(x.shape)


def _name(layer: NaiveDense, number: int) -> Any:
    if isinstance(layer.activation, Activation):
        return layer.activation.name
    raise ParameterError(f"layer {number} cannot be described: its activation is a function without a name")
