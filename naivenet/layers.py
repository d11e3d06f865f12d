"""The network: `NaiveDense`, one layer, and `NaiveSequential`, several layers in order.

Both work on TensorFlow variables, which can be trained, and on NumPy arrays, which predict without TensorFlow.
"""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any, Self

import numpy as np

from naivenet.backend import Tensor, tf, to_numpy
from naivenet.choices.activations import AnyActivation, get_activation
from naivenet.choices.initial_weights import AnyInitializer, as_initializer, initial_weights
from naivenet.choices.own_layers import AnyLayer, checked_layers, misfit, part
from naivenet.errors import ShapeError, warn
from naivenet.keras_words import MODEL_WORDS, KerasHints
from naivenet.summary import layer_text, network_text, summary_table


class NaiveDense:
    """A dense layer: ``activation(x @ W + b)``.

    ``W`` starts with uniform random numbers in [0, 0.1), or with those of another initializer, and ``b`` with zeros.
    Both are TensorFlow variables. `from_weights` makes a layer from existing weights.

    Args:
        input_size: How many numbers a sample has.
        output_size: How many numbers the layer returns for each sample.
        activation: A name (`ActivationName`), a function of ``tf.nn`` or ``keras.activations``, or any callable that
            keeps the shape. None means no activation, as in Keras.
        initializer: The initial values of ``W``: ``HeNormal()``, ``"he_normal"``, an initializer of Keras, or a
            function of the shape. The notebook's if None.
        seed: Makes the initial values repeatable. Without it they are drawn from TensorFlow's generator, so that
            ``tf.random.set_seed`` makes them repeatable too.

    Shapes:
        x: (..., input_size) -> (..., output_size).
        W: (input_size, output_size).
        b: (output_size,).

    Raises:
        ShapeError: A size is no whole number of at least 1; or, in a call, the last axis of *x* is not ``input_size``.
        UnknownName: There is no such activation or initializer.
        ParameterError: The initializer does not return finite numbers of the right shape.
    """

    def __init__(
        self,
        input_size: int,
        output_size: int,
        activation: AnyActivation,
        *,
        initializer: AnyInitializer = None,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        if not all(isinstance(size, Integral) and size >= 1 for size in (input_size, output_size)):
            raise ShapeError(f"a layer needs whole sizes of at least 1, not {input_size!r} and {output_size!r}")
        self.activation = get_activation(activation)
        self.initializer = as_initializer(initializer)
        self.W: Tensor = tf.Variable(initial_weights(self.initializer, (input_size, output_size), seed))
        self.b: Tensor = tf.Variable(np.zeros(output_size, np.float32))

    @classmethod
    def from_weights(
        cls, W: Tensor, b: Tensor, activation: AnyActivation, *, initializer: AnyInitializer = None
    ) -> Self:
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
        layer.initializer = as_initializer(initializer)
        layer.W, layer.b = W, b
        return layer

    def __call__(self, x: Tensor) -> Tensor:
        """Compute the outputs of the layer for samples *x*."""
        self._check(x)
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

    def _check(self, x: Tensor) -> None:
        """Refuse samples of another size, also a single one on TensorFlow, and warn of bytes."""
        shape: Any = getattr(x, "shape", ())
        is_single = len(shape) == 1 and not isinstance(self.W, np.ndarray)
        if not hasattr(x, "dtype") or not len(shape) or shape[-1] != self.input_size or is_single:
            raise ShapeError(misfit(x, self.input_size))
        if x.dtype == np.uint8:
            warn(
                "bytes enter the layer as 0 to 255: divide them, images / 255, or write naivenet.predict(model, images)"
            )

    def numpy(self) -> "NaiveDense":
        """Copy the layer onto new NumPy arrays."""
        W, b = map(to_numpy, self.weights)
        return NaiveDense.from_weights(W, b, self.activation, initializer=self.initializer)


class NaiveSequential(KerasHints):
    """A network: *layers*, called in order. A layer is whatever can be called and has ``weights``.

    Shapes:
        x: (..., input_size) -> (..., output_size).

    Raises:
        ShapeError: There is no layer, or the sizes of two neighbours differ; or, in a call, the last axis of *x* is
            not ``input_size``.
        ParameterError: One of *layers* is no layer.
    """

    keras_words = MODEL_WORDS

    def __init__(self, layers: Iterable[AnyLayer]) -> None:
        self.layers: list[Any] = checked_layers(layers)

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
        return int(part(self.layers[0], 0, "input_size"))

    @property
    def output_size(self) -> int:
        """How many numbers (classes) the network returns for each sample."""
        return int(part(self.layers[-1], len(self.layers) - 1, "output_size"))

    def summary(self) -> None:
        """Print the layers with their shapes and numbers of parameters, as Keras does."""
        print(summary_table(self))  # noqa: T201 -- what it is for

    def __repr__(self) -> str:
        """Return the layers and the number of parameters in one line."""
        return network_text(self)

    def numpy(self) -> "NaiveSequential":
        """Copy the network onto new NumPy arrays, where it predicts without TensorFlow."""
        return NaiveSequential(part(layer, number, "numpy")() for number, layer in enumerate(self.layers))
