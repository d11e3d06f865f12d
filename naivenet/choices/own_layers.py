"""Layers of the user's own: what a layer must have, and the errors for what it lacks."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any, Protocol

from naivenet.backend import Tensor
from naivenet.errors import MissingPart, ParameterError, ShapeError


class AnyLayer(Protocol):
    """A layer: it can be called, and it has ``weights``, a list of TensorFlow variables, possibly empty."""

    @property
    def weights(self) -> Sequence[Tensor]:
        """The variables that training changes."""

    def __call__(self, x: Tensor, /) -> Tensor:
        """Compute the outputs for samples *x*."""


def checked_layers(layers: Iterable[AnyLayer]) -> list[Any]:
    """Return *layers* as a list.

    Raises:
        ParameterError: One of them is no layer, or *layers* is no list.
        ShapeError: There is none, or two neighbours that know their sizes do not fit each other.
    """
    if not isinstance(layers, Iterable):
        raise ParameterError(f"a network needs a list of layers, such as [layer], not {_kind(layers)}")
    listed = list(layers)
    if not listed:
        raise ShapeError("a network needs at least one layer")
    for number, layer in enumerate(listed):
        check_layer(layer, f"layer {number}")
    for number, (before, after) in enumerate(pairwise(listed)):
        returned, taken = known_size(before, "output_size"), known_size(after, "input_size")
        if returned is not None and taken is not None and returned != taken:
            raise ShapeError(
                f"layer {number} returns {returned} numbers for each sample, but layer {number + 1} takes {taken}"
            )
    return listed


def check_layer(layer: Any, name: str) -> None:
    """Refuse what is no layer, or no model; *name* says which one it is in the error."""
    if isinstance(layer, type):
        raise ParameterError(f"{name} is the class {layer.__name__}; make an object of it: {layer.__name__}(...)")
    if not callable(layer):
        raise ParameterError(f"{name} cannot be called: {_kind(layer)} needs __call__ and weights")
    if not hasattr(layer, "weights"):
        raise ParameterError(
            f"{name} has no weights: {_kind(layer)} needs an attribute `weights`, an empty list if it has none"
        )
    if callable(layer.weights):
        raise ParameterError(f"the weights of {name} are a method: write @property above it in {_kind(layer)}")


def misfit(x: Any, size: int) -> str:
    """Return the error for *x*, the input of a layer that takes samples of *size* numbers, with what to write."""
    if x is None:
        return f"the layer takes samples of {size} numbers, but the input is None: a layer before it has no return"
    if not hasattr(x, "dtype"):
        return f"the layer takes an array of samples, not {_kind(x)}: np.array(images, 'float32')"
    shape, problem = tuple(x.shape), f"the layer takes samples of {size} numbers, but the input is {tuple(x.shape)}"
    if shape == (size,):
        return f"{problem}, a single sample: write x[None]"
    if None not in shape and shape[1:] and math.prod(shape[1:]) == size:
        return f"{problem}: flatten it, images.reshape(-1, {size})"
    return problem


def known_size(layer: Any, name: str) -> int | None:
    """Return a layer's ``input_size`` or ``output_size``; None if it does not know it."""
    size = getattr(layer, name, None)
    return int(size) if isinstance(size, Integral) else None


def part(layer: Any, number: int, name: str) -> Any:
    """Return the attribute *name* of a layer.

    Raises:
        MissingPart: The layer, one of the user's own, has none.
    """
    if hasattr(layer, name):
        return getattr(layer, name)
    raise MissingPart(f"layer {number} ({_kind(layer)}) has no {name}; only a layer that has one can be used here")


def _kind(thing: Any) -> str:
    return getattr(thing, "__name__", None) or type(thing).__name__
