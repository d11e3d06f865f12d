"""Activations by name, for TensorFlow tensors and for NumPy arrays, with the same results within rounding."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np

from naivenet.backend import keras, tf
from naivenet.choices.parameters import known_name
from naivenet.errors import ParameterError, UnknownName

Floats = Any  # float32 arrays; in NumPy's annotations most expressions with them are Any

ActivationName = Literal[
    "elu",
    "gelu",
    "l2_normalize",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
]

# Klambauer et al., "Self-Normalizing Neural Networks", 2017, as TensorFlow rounds them
_SELU_SCALE = np.float32(1.0507009873554804934193349852946)
_SELU_SCALE_ALPHA = np.float32(1.7580993408473768599402175208123)
# Press et al., "Numerical Recipes", 6.2: erfc(z) = t exp(-z² + P(t)) to 1.2e-7, where t = 1 / (1 + z / 2)
_ERFC_POLYNOMIAL = (
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807,
    -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223,
)  # fmt: skip


@dataclass(frozen=True)
class Activation:
    """An activation function: one of ``tf.nn`` by its name, or ``"linear"``.

    ``l2_normalize`` works along the last axis, as ``softmax`` does, so that the samples of a batch are independent.
    (The default of ``tf.nn.l2_normalize`` is the whole batch.)

    Shapes:
        x: (..., units) -> (..., units); float32 in, float32 out.

    Raises:
        UnknownName: There is no such activation.
    """

    name: ActivationName

    def __post_init__(self) -> None:
        """Refuse an unknown name."""
        if self.name not in NUMPY_FUNCTIONS:
            raise UnknownName("activation", self.name, NUMPY_FUNCTIONS)

    def __call__(self, x: Any) -> Any:
        """Apply the function: NumPy's version to an array, TensorFlow's to a tensor."""
        if isinstance(x, np.ndarray | np.generic):
            return NUMPY_FUNCTIONS[self.name](x)
        return _tensorflow_function(self.name)(x)


AnyActivation = str | Activation | Callable[[Any], Any] | None


def get_activation(activation: AnyActivation) -> Callable[[Any], Any]:
    """Return the activation for a name or for a function of ``tf.nn`` or Keras; any other callable unchanged.

    None is ``"linear"``, as in Keras. Names may have any case: ``"ReLU"``.

    Raises:
        UnknownName: There is no activation of that name.
        ParameterError: *activation* is neither a name nor a function.
    """
    if activation is None:
        return Activation("linear")
    if isinstance(activation, str):
        return _named(known_name(activation, NUMPY_FUNCTIONS))
    if isinstance(activation, type):
        raise ParameterError(f"an activation is a function, not a class; write {activation.__name__}()")
    if not callable(activation):
        raise ParameterError(f"an activation is a name or a function, not {activation!r}")
    name = None if isinstance(activation, Activation) else _recognized(activation)
    return Activation(name) if name else activation


def _named(name: str) -> Callable[[Any], Any]:
    """Return the activation *name*, ours or else one that only Keras has, such as ``"mish"``."""
    if name not in NUMPY_FUNCTIONS and "tensorflow" in sys.modules:
        try:
            return keras.activations.get(name)  # type: ignore[no-any-return]  # Keras has no types
        except ValueError:
            pass
    return Activation(name)  # type: ignore[arg-type]  # Activation refuses a name that is not listed


def _recognized(function: Any) -> ActivationName | None:
    """Return the name of a function of ``tf.nn`` or Keras, or of a layer of Keras without options."""
    # a library that is not imported cannot have made the function
    places = ([tf.nn] if "tensorflow" in sys.modules else []) + ([keras.activations] if "keras" in sys.modules else [])
    for name in get_args(ActivationName):
        if name != "l2_normalize" and any(getattr(place, name, None) is function for place in places):
            return cast(ActivationName, name)
    return _name_of_layer(function) if "keras" in sys.modules else None


def _name_of_layer(layer: Any) -> ActivationName | None:
    """Return the name of ``keras.layers.ReLU()``, ``Softmax()`` or ``Activation("relu")``."""
    if isinstance(layer, keras.layers.Activation):
        return _recognized(layer.activation)
    for name, cls in (("relu", keras.layers.ReLU), ("softmax", keras.layers.Softmax)):
        if isinstance(layer, cls) and {**cls().get_config(), "name": layer.name} == layer.get_config():
            return cast(ActivationName, name)
    return None


def _tensorflow_function(name: str) -> Callable[[Any], Any]:
    return _TENSORFLOW_FUNCTIONS.get(name) or getattr(tf.nn, name)


def _relu(x: Floats) -> Floats:
    return np.maximum(x, 0)


def _relu6(x: Floats) -> Floats:
    return np.clip(x, 0, 6)


def _leaky_relu(x: Floats) -> Floats:
    return np.where(x > 0, x, np.float32(0.2) * x)


def _elu(x: Floats) -> Floats:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _selu(x: Floats) -> Floats:
    return np.where(x > 0, _SELU_SCALE * x, _SELU_SCALE_ALPHA * np.expm1(np.minimum(x, 0)))


def _gelu(x: Floats) -> Floats:
    """Hendrycks and Gimpel, 2016: ``x Φ(x)``, where ``Φ(-z) = erfc(z / √2) / 2``."""
    z = np.abs(x, dtype=np.float64) / np.sqrt(2)
    t = 1 / (1 + z / 2)
    tail = t * np.exp(-z * z + np.polyval(_ERFC_POLYNOMIAL, t)) / 2
    return np.asarray(x * np.where(x > 0, 1 - tail, tail), dtype=np.float32)


def _sigmoid(x: Floats) -> Floats:
    """Compute ``1 / (1 + exp(-x))`` without overflow, for large and small x."""
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, decay) / (1 + decay)


def _silu(x: Floats) -> Floats:
    return x * _sigmoid(x)


def _softplus(x: Floats) -> Floats:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _softsign(x: Floats) -> Floats:
    return x / (1 + np.abs(x))


def _softmax(x: Floats) -> Floats:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _log_softmax(x: Floats) -> Floats:
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _l2_normalize(x: Floats) -> Floats:
    squares = np.square(x).sum(axis=-1, keepdims=True)
    return x / np.sqrt(np.maximum(squares, np.float32(1e-12)))


def _linear(x: Any) -> Any:
    return x


NUMPY_FUNCTIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "elu": _elu,
    "gelu": _gelu,
    "l2_normalize": _l2_normalize,
    "leaky_relu": _leaky_relu,
    "linear": _linear,
    "log_softmax": _log_softmax,
    "relu": _relu,
    "relu6": _relu6,
    "selu": _selu,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "softmax": _softmax,
    "softplus": _softplus,
    "softsign": _softsign,
    "swish": _silu,
    "tanh": np.tanh,
}

# The activations that are not simply the function of that name in tf.nn
_TENSORFLOW_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "l2_normalize": lambda x: tf.nn.l2_normalize(x, axis=-1),
    "linear": _linear,
}
