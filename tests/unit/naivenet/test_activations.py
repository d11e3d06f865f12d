"""Activations: NumPy's against TensorFlow's, and the list of them against `tf.nn`."""

import inspect
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
import tensorflow as tf

from naivenet import Activation, ActivationName, ParameterError, UnknownName, get_activation

NAMES = get_args(ActivationName)
# Rounded to float32, one step at 90 is 8e-6: beyond 1e-6 of the value two right answers may differ
TOLERANCE: dict[str, Any] = {"rtol": 2.5e-7, "atol": 1e-6}


def inputs(*shape: int, scale: float) -> np.ndarray:
    """Return normally distributed numbers."""
    return np.random.default_rng(7).normal(0, scale, shape).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "x",
    [
        inputs(10, scale=1),
        inputs(64, 10, scale=3),
        inputs(3, 4, 5, scale=30),
        np.array([[90, -90, 0, 13.9], [-13.9, 5.3, -5.3, 1], [-90, -90, -90, -90], [0, 0, 0, 0]], np.float32),
    ],
    ids=["vector", "batch", "three-axes", "extremes"],
)
def test_numpy_and_tensorflow_agree(name: ActivationName, x: np.ndarray) -> None:
    """Each activation gives the same numbers on an array and on a tensor, float32 for float32."""
    activation = Activation(name)
    on_numpy, on_tensorflow = activation(x), activation(tf.constant(x)).numpy()
    assert on_numpy.dtype == np.float32
    assert on_numpy.shape == x.shape
    np.testing.assert_allclose(on_numpy, on_tensorflow, **TOLERANCE)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"linear", "l2_normalize"}))
def test_a_name_means_the_function_of_tf_nn(name: str) -> None:
    """On a tensor, an activation is the function of its name in `tf.nn`, bit for bit."""
    x = tf.constant(inputs(8, 10, scale=3))
    np.testing.assert_array_equal(get_activation(name)(x), getattr(tf.nn, name)(x))


def keeps_a_shape(function: Callable[..., Any]) -> bool:
    """Return whether a function maps a single tensor to a tensor of the same shape."""
    x = tf.constant(inputs(4, 6, scale=1))
    try:
        needed = [each for each in inspect.signature(function).parameters.values() if each.default is each.empty]
        answer = function(x) if len(needed) == 1 else None
    except (AttributeError, TypeError, ValueError, tf.errors.InvalidArgumentError):
        return False
    return isinstance(answer, tf.Tensor) and answer.shape == x.shape


@pytest.mark.filterwarnings("ignore:.*deprecated")
def test_no_function_of_tf_nn_that_keeps_a_shape_is_missing() -> None:
    """The activations are all suitable functions of `tf.nn`, and `linear`."""
    public = [name for name in dir(tf.nn) if not name.startswith("_")]
    functions = {name for name in public if inspect.isfunction(getattr(tf.nn, name))}
    wrapped = {name for name in public if callable(getattr(tf.nn, name)) and not inspect.isclass(getattr(tf.nn, name))}
    found = {name for name in functions | wrapped if keeps_a_shape(getattr(tf.nn, name))}
    assert found == set(NAMES) - {"linear"}


def test_l2_normalize_leaves_the_samples_apart() -> None:
    """The result for a sample does not depend on the other samples of its batch."""
    x = inputs(5, 10, scale=2)
    together = Activation("l2_normalize")(x)
    alone = np.concatenate([Activation("l2_normalize")(row[None]) for row in x])
    np.testing.assert_array_equal(together, alone)


def test_a_function_of_tf_nn_is_known_by_its_name() -> None:
    """Given `tf.nn.relu`, the activation is the one named relu, and can be described."""
    assert get_activation(tf.nn.relu) == Activation("relu")
    assert get_activation(tf.nn.softmax) == Activation("softmax")


def test_any_other_callable_is_kept() -> None:
    """A user's function, or an activation, is used unchanged."""

    def own(x: Any) -> Any:
        return x * 2

    assert get_activation(own) is own
    assert get_activation(tf.nn.l2_normalize) is tf.nn.l2_normalize
    assert get_activation(Activation("tanh")) == Activation("tanh")


def test_an_unknown_activation_is_refused_with_a_suggestion() -> None:
    """The error for a misspelt name suggests a similar name, and lists all names."""
    with pytest.raises(UnknownName, match=r"unknown activation 'rellu': did you mean 'relu'.*softmax, softplus"):
        get_activation("rellu")


def test_what_is_neither_name_nor_function_is_refused() -> None:
    """A number is refused as an activation."""
    with pytest.raises(ParameterError, match="a name or a function, not 3"):
        get_activation(3)  # type: ignore[arg-type]  # the point of the test
