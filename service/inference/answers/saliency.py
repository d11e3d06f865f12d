"""Which pixels an answer hangs on: the chain rule through the network's own weights, in NumPy."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from naivenet.choices.activations import Activation
from naivenet.layers import NaiveDense, NaiveSequential
from service.errors import InvalidInput
from service.inference.pictures.report import SIDE

Doubles = NDArray[np.float64]

LEAKY_SLOPE = 0.2  # as tf.nn.leaky_relu has it
SELU_SCALE = 1.0507009873554805  # Klambauer et al. (2017), "Self-Normalizing Neural Networks"
SELU_SCALE_ALPHA = 1.7580993408473768
RELU6_TOP = 6.0
L2_EPSILON = 1e-12


def saliency(model: NaiveSequential, row: NDArray[np.float32]) -> NDArray[np.float32]:
    """The gradient of the winning class's output with respect to each pixel.

    Worked out in float64. Where an activation has a kink, the derivative there is TensorFlow's.

    Shapes:
        row: (784,), from 0 to 1 -> (28, 28).

    Raises:
        InvalidInput: An activation is a function without a name, whose derivative nobody knows.
    """
    inputs, sums = row.astype(np.float64), []
    for layer in model.layers:
        sums.append(inputs @ layer.W + layer.b)
        inputs = np.asarray(layer.activation(sums[-1]), np.float64)
    gradient: Doubles = (np.arange(len(inputs)) == np.argmax(inputs)).astype(np.float64)
    for layer, total in zip(reversed(model.layers), reversed(sums), strict=True):
        gradient = np.asarray(layer.W, np.float64) @ _pull_back(layer, total, gradient)
    return np.asarray(gradient, np.float32).reshape(SIDE, SIDE)


def _pull_back(layer: NaiveDense, total: Doubles, gradient: Doubles) -> Doubles:
    """The gradient with respect to what went into the activation, from that with respect to what came out."""
    if not isinstance(layer.activation, Activation):
        raise InvalidInput("This network has an activation without a name; its saliency is not known.")
    name = layer.activation.name
    if name in ACROSS:
        return ACROSS[name](total, gradient)
    return np.asarray(gradient * SLOPES[name](total))


def _sigmoid(z: Doubles) -> Doubles:
    decay = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, decay) / (1 + decay), np.float64)


def _silu(z: Doubles) -> Doubles:
    share = _sigmoid(z)
    return share * (1 + z * (1 - share))


def _gelu(z: Doubles) -> Doubles:
    cumulative = np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in z.tolist()])
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


SLOPES: Mapping[str, Callable[[Doubles], Doubles]] = MappingProxyType(
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
"""Activations that work number by number, and their derivatives."""

ACROSS: Mapping[str, Callable[[Doubles, Doubles], Doubles]] = MappingProxyType(
    {"l2_normalize": _l2_normalize, "log_softmax": _log_softmax, "softmax": _softmax}
)
"""Activations in which each output hangs on every input, and their vector-Jacobian products."""
