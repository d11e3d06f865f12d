"""Backpropagation by hand, in NumPy: the gradients of a prediction with respect to its input, and of the loss."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from naivenet.choices.activations import Activation
from naivenet.errors import ParameterError
from naivenet.layers import NaiveDense, NaiveSequential
from naivenet.losses import EPSILON
from naivenet.own_models import dense_layers

Doubles = NDArray[np.float64]

LEAKY_SLOPE = 0.2  # the default of tf.nn.leaky_relu
SELU_SCALE = 1.0507009873554805  # Klambauer et al., "Self-Normalizing Neural Networks", 2017
SELU_SCALE_ALPHA = 1.7580993408473768
RELU6_TOP = 6.0
L2_EPSILON = 1e-12


def input_gradient(model: NaiveSequential, sample: NDArray[np.float32]) -> Doubles:
    """Return the gradient of the most probable class's output with respect to each number of *sample*.

    The forward pass keeps the inputs of the activations; the backward pass applies the chain rule, from the last layer
    to the first, in float64. Where an activation has a kink, its derivative is TensorFlow's.

    Args:
        model: A network on NumPy arrays.
        sample: One sample.

    Shapes:
        sample: (input_size,) -> (input_size,).

    Raises:
        ParameterError: An activation is a function without a name, so that its derivative is unknown.
        MissingPart: A layer is no `NaiveDense`.
    """
    layers = dense_layers(model)
    (*_, outputs), sums = _forward(layers, sample)
    gradient: Doubles = (np.arange(len(outputs)) == np.argmax(outputs)).astype(np.float64)
    for layer, total in zip(reversed(layers), reversed(sums), strict=True):
        gradient = np.asarray(layer.W, np.float64) @ _through_activation(layer, total, gradient)
    return gradient


def loss_gradients(model: NaiveSequential, samples: NDArray[np.float32], labels: NDArray[np.int_]) -> list[Doubles]:
    """Return the gradient of the mean loss with respect to the weights W of each layer, in float64.

    Args:
        model: A network on NumPy arrays.
        samples: Its inputs.
        labels: Their classes.

    Shapes:
        samples: (samples, input_size).
        labels: (samples,).
        returns: (inputs, units) for each layer.

    Raises:
        ParameterError: An activation is a function without a name, so that its derivative is unknown.
        MissingPart: A layer is no `NaiveDense`.
    """
    layers = dense_layers(model)
    (*inputs, outputs), sums = _forward(layers, samples)
    gradient, found = _loss_gradient(outputs, labels), []
    for layer, total, received in zip(reversed(layers), reversed(sums), reversed(inputs), strict=True):
        of_sums = _through_activation(layer, total, gradient)
        found.append(received.T @ of_sums)
        gradient = of_sums @ np.asarray(layer.W, np.float64).T
    return found[::-1]


def _forward(layers: Sequence[NaiveDense], inputs: NDArray[np.float32]) -> tuple[list[Doubles], list[Doubles]]:
    """Return the inputs of each layer and, last, the network's outputs; and the inputs of each activation."""
    values, sums = [inputs.astype(np.float64)], []
    for layer in layers:
        sums.append(values[-1] @ layer.W + layer.b)
        values.append(np.asarray(layer.activation(sums[-1]), np.float64))
    return values, sums


def _loss_gradient(outputs: Doubles, labels: NDArray[np.int_]) -> Doubles:
    """Return the gradient of the mean loss with respect to the outputs; 0 where the loss clips them."""
    clipped = np.clip(outputs, EPSILON, 1 - EPSILON)
    rows = np.arange(len(labels))
    gradient = np.broadcast_to(1 / clipped.sum(axis=1, keepdims=True), outputs.shape).copy()
    gradient[rows, labels] -= 1 / clipped[rows, labels]
    return np.where(clipped == outputs, gradient, 0) / len(labels)


def _through_activation(layer: NaiveDense, total: Doubles, gradient: Doubles) -> Doubles:
    """Turn the gradient with respect to an activation's output into that with respect to its input, *total*."""
    if not isinstance(layer.activation, Activation):
        raise ParameterError("the derivative of an activation without a name is unknown; choose one by its name")
    name = layer.activation.name
    if name in VECTOR_JACOBIAN_PRODUCTS and total.ndim > 1:
        return np.stack([_through_activation(layer, *row) for row in zip(total, gradient, strict=True)])
    if name in VECTOR_JACOBIAN_PRODUCTS:
        return VECTOR_JACOBIAN_PRODUCTS[name](total, gradient)
    return np.asarray(gradient * DERIVATIVES[name](total))


def _sigmoid(z: Doubles) -> Doubles:
    decay = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, decay) / (1 + decay), np.float64)


def _silu(z: Doubles) -> Doubles:
    share = _sigmoid(z)
    return share * (1 + z * (1 - share))


def _gelu(z: Doubles) -> Doubles:
    cumulative = np.reshape([math.erfc(-value / math.sqrt(2)) / 2 for value in z.ravel().tolist()], z.shape)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return np.asarray(cumulative + z * density)


def _selu(z: Doubles) -> Doubles:
    return np.where(z > 0, SELU_SCALE, SELU_SCALE_ALPHA * np.exp(np.minimum(z, 0)))


def _softmax(z: Doubles, gradient: Doubles) -> Doubles:
    powers = np.exp(z - z.max())
    shares = powers / powers.sum()
    return np.asarray(shares * (gradient - gradient @ shares))


def _log_softmax(z: Doubles, gradient: Doubles) -> Doubles:
    powers = np.exp(z - z.max())
    return np.asarray(gradient - gradient.sum() * powers / powers.sum())


def _l2_normalize(z: Doubles, gradient: Doubles) -> Doubles:
    square = float(z @ z)
    if square <= L2_EPSILON:
        return gradient / math.sqrt(L2_EPSILON)
    return np.asarray((gradient - z * (z @ gradient) / square) / math.sqrt(square))


DERIVATIVES: Mapping[str, Callable[[Doubles], Doubles]] = MappingProxyType(
    {
        "elu": lambda z: np.exp(np.minimum(z, 0)),
        "gelu": _gelu,
        "leaky_relu": lambda z: np.where(z > 0, 1, LEAKY_SLOPE),
        "linear": np.ones_like,
        "relu": lambda z: np.asarray(z > 0, np.float64),
        "relu6": lambda z: np.asarray((z > 0) & (z < RELU6_TOP), np.float64),
        "selu": _selu,
        "sigmoid": lambda z: _sigmoid(z) * _sigmoid(-z),
        "silu": _silu,
        "softplus": _sigmoid,
        "softsign": lambda z: 1 / np.square(1 + np.abs(z)),
        "swish": _silu,
        "tanh": lambda z: 1 - np.square(np.tanh(z)),
    }
)
"""The derivatives of the activations that map each number alone."""

VECTOR_JACOBIAN_PRODUCTS: Mapping[str, Callable[[Doubles, Doubles], Doubles]] = MappingProxyType(
    {"l2_normalize": _l2_normalize, "log_softmax": _log_softmax, "softmax": _softmax}
)
"""The vector-Jacobian products of the activations whose outputs depend on all inputs."""
