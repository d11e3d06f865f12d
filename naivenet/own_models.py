"""Models of the user's own: any object that can be called and has ``weights``, such as the notebook's classes."""

import inspect
from collections.abc import Sequence
from types import FunctionType
from typing import Any

import numpy as np

from naivenet.backend import Tensor, tf
from naivenet.choices.activations import Activation
from naivenet.choices.own_layers import AnyLayer, check_layer
from naivenet.errors import MissingPart, ParameterError, warn
from naivenet.layers import NaiveDense, NaiveSequential
from naivenet.precision import BFloat16Dense, Precision

#: Parts of the names of Keras's layers that do in prediction nothing, or something else.
_OTHERWISE_IN_TRAINING = ("Dropout", "Noise", "BatchNormalization")
_CALLS = NaiveDense.__call__, BFloat16Dense.__call__


def is_described(model: Any) -> bool:
    """Return whether activations and sizes are all that there is to know of *model*, apart from its weights.

    Then another model on other weights can take its place in a compiled program.
    """
    return (
        type(model) is NaiveSequential
        and all(_is_dense(layer) and isinstance(layer.activation, Activation) for layer in model.layers)
        and all(getattr(weight, "trainable", True) for weight in model.weights)
        and len(set(map(id, model.weights))) == len(model.weights)
    )


def dense_layers(model: Any) -> list[NaiveDense]:
    """Return the layers of *model*, all of them `NaiveDense`, which can be saved and described.

    Raises:
        MissingPart: The model or a layer is one of the user's own.
    """
    if not isinstance(model, NaiveSequential):
        raise MissingPart(
            f"the model ({type(model).__name__}) trains and predicts, but this needs a naivenet.NaiveSequential of "
            "naivenet.NaiveDense layers; make one by NaiveSequential.from_weights(weights, activations)"
        )
    for number, layer in enumerate(model.layers):
        if not _is_dense(layer):
            raise MissingPart(
                f"layer {number} ({type(layer).__name__}) trains and predicts, but this needs a naivenet.NaiveDense, "
                f"and it {_difference(layer)}; NaiveDense.from_weights(W, b, activation) makes one of its weights"
            )
    return model.layers


def in_precision(model: AnyLayer, precision: Precision) -> AnyLayer:
    """Return *model* itself, or for bfloat16 the same network on the same variables, its products in bfloat16.

    Raises:
        MissingPart: The products of the model are in layers of the user's own.
    """
    if precision == "float32":
        return model
    return NaiveSequential(
        BFloat16Dense.from_weights(layer.W, layer.b, layer.activation) for layer in dense_layers(model)
    )


def trainable_variables(model: Any) -> list[Tensor]:
    """Return the TensorFlow variables of *model*, in the order of its weights, each once, without frozen ones.

    Raises:
        ParameterError: *model* has no weights, or one of them cannot be trained.
    """
    weights = [weight.value if _is_keras(weight) else weight for weight in model.weights]
    for number, weight in enumerate(weights):
        _check_variable(weight, number)
    variables = {id(weight): weight for weight in weights if weight.trainable}
    if not variables:
        raise ParameterError("the model has no weights to train")
    return list(variables.values())


def on_numpy(model: Any) -> bool:
    """Return whether the weights of *model* are NumPy arrays, so that it predicts without TensorFlow."""
    return bool(model.weights) and isinstance(model.weights[0], np.ndarray)


def warn_of_training_flags(model: Any) -> None:
    """Warn of layers that change what they compute by the argument ``training``, which no network here passes."""
    for number, layer in enumerate(getattr(model, "layers", ())):
        if _needs_flag(layer):
            warn(
                f"layer {number} ({type(layer).__name__}) is called without training=True, so it works as in "
                "prediction: write a layer with a flag of its own, or one that calls tf.nn.dropout"
            )


def check_gradients(gradients: Sequence[Tensor | None], weights: Sequence[Tensor]) -> Sequence[Tensor]:
    """Return *gradients*, if each weight has one.

    Raises:
        ParameterError: The loss does not depend on a weight.
    """
    for number, (gradient, weight) in enumerate(zip(gradients, weights, strict=True)):
        if gradient is None:
            raise ParameterError(
                f"weight {number}, {weight.name} of shape {tuple(weight.shape)}, has no gradient: the loss does not "
                "depend on it, it is not trainable, or a function on the way has no gradient, such as tf.round, "
                "tf.argmax or one of NumPy"
            )
    return gradients


def check_model(model: Any) -> None:
    """Refuse what is no model.

    Raises:
        ParameterError: *model* cannot be called, has no weights, or has some that are not float32.
    """
    if isinstance(model, list | tuple):
        raise ParameterError("the model is a list of layers: write NaiveSequential([...])")
    check_layer(model, "the model")
    for number, weight in enumerate(model.weights):
        if hasattr(weight, "assign_sub") and tf.as_dtype(weight.dtype) != tf.float32:
            raise ParameterError(
                f"weight {number} is {tf.as_dtype(weight.dtype).name}, but images and weights must be float32: "
                "tf.Variable(..., dtype=tf.float32)"
            )


def _check_variable(variable: Any, number: int) -> None:
    if not hasattr(variable, "assign_sub"):
        raise ParameterError(
            f"weight {number} is a {type(variable).__name__}, and a network on NumPy arrays or tensors cannot be "
            "trained; build it on TensorFlow variables: tf.Variable(...), or load_weights(a_new_model, this_model)"
        )


def _needs_flag(layer: Any) -> bool:
    call: Any = type(layer).__call__
    if _is_keras(layer):
        return any(kind in type(layer).__name__ for kind in _OTHERWISE_IN_TRAINING)
    flag = inspect.signature(call).parameters.get("training") if isinstance(call, FunctionType) else None
    return flag is not None and flag.default is not True


def _is_keras(weight: Any) -> bool:
    return type(weight).__module__.startswith("keras.")


def _is_dense(layer: Any) -> bool:
    """Return whether a layer computes what `NaiveDense` does; a subclass may have changed it."""
    cls = type(layer)
    return isinstance(layer, NaiveDense) and cls.__call__ in _CALLS and cls.weights is NaiveDense.weights


def _difference(layer: Any) -> str:
    lacking = [name for name in ("W", "b", "activation", "input_size", "output_size") if not hasattr(layer, name)]
    return f"has no {', '.join(lacking)}" if lacking else "has a __call__ of its own"
