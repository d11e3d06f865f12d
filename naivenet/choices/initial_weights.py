"""Draws the initial weights of a layer by an initializer: ours, one of Keras, or a function of the shape."""

import re
from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from naivenet.backend import Tensor, keras, tf
from naivenet.choices.initializers import (
    INITIALIZERS,
    Constant,
    Initializer,
    Ones,
    RandomUniform,
    Shape,
    Weights,
    Zeros,
    get_initializer,
)
from naivenet.choices.parameters import hints
from naivenet.choices.seeds import generator
from naivenet.errors import ParameterError, UnknownName

OURS = get_args(Initializer)
AnyInitializer = str | Initializer | Callable[[Shape], Tensor] | type | None
_SEEDS = 2**31 - 1


def as_initializer(initializer: AnyInitializer) -> Any:
    """Return the initializer for a name or a class; any other function of a shape unchanged; the notebook's for None.

    Raises:
        UnknownName: There is no initializer of that name.
        ParameterError: *initializer* is nothing that can make weights.
    """
    if initializer is None:
        return RandomUniform()
    if isinstance(initializer, str):
        return _named(initializer)
    if isinstance(initializer, type):
        return as_initializer(initializer())
    if not callable(initializer):
        raise ParameterError(
            "an initializer is a name, such as 'he_normal', an initializer of naivenet or Keras, or a function of the "
            f"shape, not {type(initializer).__name__}; NaiveDense.from_weights makes a layer from existing weights"
        )
    return initializer


def initial_weights(initializer: Any, shape: Shape, seed: int | np.random.Generator | None) -> Tensor:
    """Return weights of *shape*, float32. Without a *seed*, they are drawn from TensorFlow's generator.

    Raises:
        ParameterError: The initializer returns no finite numbers of *shape*, or it does not use the seed.
    """
    if not isinstance(initializer, OURS):
        if seed is not None:
            raise ParameterError("seed does not change this initializer: give the seed to the initializer itself")
        return _made(initializer, shape)
    if seed is None and isinstance(initializer, RandomUniform):
        return tf.random.uniform(shape, initializer.minval, initializer.maxval)  # the notebook's very call
    rng = seed if isinstance(seed, np.random.Generator) else generator(_drawn(initializer, seed), "initial weights")
    return initializer(shape, rng)


def described(initializer: Any) -> Initializer | None:
    """Return the description of an initializer, one of ours or of the same distribution; None for others."""
    if isinstance(initializer, OURS):
        return initializer  # type: ignore[no-any-return]  # one of the union's members
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(initializer).__name__).lower()
    if name not in INITIALIZERS or not hasattr(initializer, "get_config"):
        return None
    ours: Any = INITIALIZERS[name]
    known = hints(ours).keys() - {"name"}
    return get_initializer(name, **{each: it for each, it in initializer.get_config().items() if each in known})


def _named(name: str) -> Any:
    """Return the initializer *name*, ours or else one that only Keras has, such as ``"lecun_normal"``."""
    try:
        return get_initializer(name)
    except UnknownName:
        try:
            return keras.initializers.get(name)
        except ValueError:
            pass
        raise


def _drawn(initializer: Initializer, seed: int | None) -> int | None:
    """Return *seed*, or else one from TensorFlow's generator, which stays as it is if nothing random is needed."""
    if seed is not None or isinstance(initializer, Zeros | Ones | Constant):
        return seed
    return int(tf.random.uniform((), maxval=_SEEDS, dtype=tf.int32))


def _made(initializer: Callable[[Shape], Tensor], shape: Shape) -> Weights:
    """Call a function of the shape, and check what it returns."""
    name = getattr(initializer, "__name__", type(initializer).__name__)
    try:
        made = np.asarray(initializer(shape))
    except TypeError as error:
        raise ParameterError(
            f"the initializer {name} cannot be called with the shape {shape}: {error}; write a function of the shape, "
            "such as lambda shape: np.random.rand(*shape)"
        ) from error
    if made.shape != shape:
        raise ParameterError(f"the initializer {name} must return weights of shape {shape}, not {made.shape}")
    if made.dtype.kind not in "fiu" or not np.isfinite(made).all():
        raise ParameterError(f"the initializer {name} must return finite numbers, but returns others ({made.dtype})")
    return made.astype(np.float32)
