"""Layers one after the other: the whole network."""

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from naivenet.activations import Activation
from naivenet.errors import ParameterError, ShapeError
from naivenet.layers import NaiveDense
from naivenet.lazy import tf
from naivenet.samples import scaled

if TYPE_CHECKING:
    from naivenet.network import Network


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


def _name(layer: NaiveDense, number: int) -> Any:
    if isinstance(layer.activation, Activation):
        return layer.activation.name
    raise ParameterError(f"layer {number} cannot be described: its activation is a function without a name")
