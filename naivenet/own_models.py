"""Models of the user's own: any object that can be called and has ``weights``, such as the notebook's classes."""

from typing import Any

from naivenet.backend import Tensor
from naivenet.choices.activations import Activation
from naivenet.choices.own_layers import check_layer
from naivenet.errors import MissingPart, ParameterError
from naivenet.layers import NaiveDense, NaiveSequential


def is_described(model: Any) -> bool:
    """Return whether activations and sizes are all that there is to know of *model*, apart from its weights.

    Then another model on other weights can take its place in a compiled program.
    """
    return type(model) is NaiveSequential and all(
        _is_dense(layer) and isinstance(layer.activation, Activation) for layer in model.layers
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


def trainable_variables(model: Any) -> list[Tensor]:
    """Return the TensorFlow variables of *model*, in the order of its weights.

    Raises:
        ParameterError: *model* is no model, it has no weights, or one of them cannot be trained.
    """
    check_layer(model, "the model")
    variables = [getattr(weight, "value", weight) if _is_keras(weight) else weight for weight in model.weights]
    if not variables:
        raise ParameterError("the model has no weights to train")
    for number, variable in enumerate(variables):
        _check_variable(variable, number)
    return variables


def _check_variable(variable: Any, number: int) -> None:
    if not hasattr(variable, "assign_sub"):
        raise ParameterError(
            f"weight {number} is a {type(variable).__name__}, which training cannot change; a network on NumPy arrays "
            "cannot be trained: build it on TensorFlow variables, tf.Variable(...)"
        )
    if variable.dtype.name != "float32":
        raise ParameterError(
            f"weight {number} is {variable.dtype.name}, but images and all weights must be float32: "
            "tf.Variable(..., dtype=tf.float32)"
        )


def _is_keras(weight: Any) -> bool:
    return type(weight).__module__.startswith("keras.")


def _is_dense(layer: Any) -> bool:
    """Return whether a layer computes what `NaiveDense` does; a subclass may have changed it."""
    cls = type(layer)
    return isinstance(layer, NaiveDense) and cls.__call__ is NaiveDense.__call__ and cls.weights is NaiveDense.weights


def _difference(layer: Any) -> str:
    lacking = [name for name in ("W", "b", "activation", "input_size", "output_size") if not hasattr(layer, name)]
    return f"has no {', '.join(lacking)}" if lacking else "has a __call__ of its own"
