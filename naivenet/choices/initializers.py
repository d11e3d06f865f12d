"""Initializers by name: each makes initial weights from a shape and a random generator.

Their distributions are those of Keras's initializers of the same names, with the same bounds and truncation.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from naivenet.choices.parameters import Number, Parameters, make
from naivenet.errors import ParameterError

Weights = NDArray[np.float32]
Shape = tuple[int, int]

_LIMIT = 1e6
Value = Annotated[Number, Ge(-_LIMIT), Le(_LIMIT)]
Spread = Annotated[Number, Ge(0), Le(_LIMIT)]

# Standard deviation of a standard normal distribution truncated at 2; like Keras, we divide by it to compensate
_TRUNCATED_STDDEV = 0.87962566103423978


@dataclass(frozen=True, kw_only=True)
class RandomUniform(Parameters):
    """Uniform in [minval, maxval); the notebook's initializer, with its bounds as defaults."""

    name: Literal["random_uniform"] = "random_uniform"
    minval: Value = 0.0
    maxval: Value = 0.1

    def __post_init__(self) -> None:
        """Refuse an empty interval."""
        super().__post_init__()
        if self.minval >= self.maxval:
            raise ParameterError(
                f"random_uniform needs minval < maxval, not minval {self.minval} and maxval {self.maxval}"
            )

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        return _uniform(shape, rng, self.minval, self.maxval)


@dataclass(frozen=True, kw_only=True)
class RandomNormal(Parameters):
    """Normal distribution around *mean*."""

    name: Literal["random_normal"] = "random_normal"
    mean: Value = 0.0
    stddev: Spread = 0.05

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        return rng.normal(self.mean, self.stddev, shape).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class TruncatedNormal(Parameters):
    """Normal distribution around *mean*; numbers two *stddev* or more away are drawn again."""

    name: Literal["truncated_normal"] = "truncated_normal"
    mean: Value = 0.0
    stddev: Spread = 0.05

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        return (self.mean + self.stddev * _truncated(shape, rng)).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Zeros(Parameters):
    """Every weight is 0. All hidden units stay equal, which is worth seeing once."""

    name: Literal["zeros"] = "zeros"

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:  # noqa: ARG002 -- other initializers draw from it
        """Make weights of *shape*."""
        return np.zeros(shape, np.float32)


@dataclass(frozen=True, kw_only=True)
class Ones(Parameters):
    """Every weight is 1."""

    name: Literal["ones"] = "ones"

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:  # noqa: ARG002 -- other initializers draw from it
        """Make weights of *shape*."""
        return np.ones(shape, np.float32)


@dataclass(frozen=True, kw_only=True)
class Constant(Parameters):
    """Every weight is *value*."""

    name: Literal["constant"] = "constant"
    value: Value = 0.0

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:  # noqa: ARG002 -- other initializers draw from it
        """Make weights of *shape*."""
        return np.full(shape, self.value, np.float32)


@dataclass(frozen=True, kw_only=True)
class GlorotUniform(Parameters):
    """Uniform in ±√(6 / (inputs + outputs)). Glorot and Bengio, 2010."""

    name: Literal["glorot_uniform"] = "glorot_uniform"

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        limit = math.sqrt(6 / sum(shape))
        return _uniform(shape, rng, -limit, limit)


@dataclass(frozen=True, kw_only=True)
class GlorotNormal(Parameters):
    """Truncated normal distribution with standard deviation √(2 / (inputs + outputs)). Glorot and Bengio, 2010."""

    name: Literal["glorot_normal"] = "glorot_normal"

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        return _corrected_normal(shape, rng, math.sqrt(2 / sum(shape)))


@dataclass(frozen=True, kw_only=True)
class HeUniform(Parameters):
    """Uniform in ±√(6 / inputs); made for relu. He et al., 2015."""

    name: Literal["he_uniform"] = "he_uniform"

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        limit = math.sqrt(6 / shape[0])
        return _uniform(shape, rng, -limit, limit)


@dataclass(frozen=True, kw_only=True)
class HeNormal(Parameters):
    """Truncated normal distribution with standard deviation √(2 / inputs); made for relu. He et al., 2015."""

    name: Literal["he_normal"] = "he_normal"

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        return _corrected_normal(shape, rng, math.sqrt(2 / shape[0]))


@dataclass(frozen=True, kw_only=True)
class Orthogonal(Parameters):
    """*gain* times a matrix with orthonormal rows, or orthonormal columns if it has more rows. Saxe et al., 2013."""

    name: Literal["orthogonal"] = "orthogonal"
    gain: Value = 1.0

    def __call__(self, shape: Shape, rng: np.random.Generator) -> Weights:
        """Draw weights of *shape*."""
        q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
        q *= np.sign(np.diag(r))  # without this, the distribution would favor some rotations
        return np.ascontiguousarray(self.gain * (q if shape[0] >= shape[1] else q.T), dtype=np.float32)


Initializer = (
    RandomUniform
    | RandomNormal
    | TruncatedNormal
    | Zeros
    | Ones
    | Constant
    | GlorotUniform
    | GlorotNormal
    | HeUniform
    | HeNormal
    | Orthogonal
)

INITIALIZERS: Mapping[str, type[Initializer]] = {each.name: each for each in get_args(Initializer)}


def get_initializer(name: str, **parameters: Any) -> Initializer:
    """Return the initializer with the given name and parameters.

    Raises:
        UnknownName: There is no such initializer, or it has no such parameter.
        ParameterError: A parameter is of the wrong type or out of range.
    """
    initializer: Initializer = make("initializer", INITIALIZERS, name, parameters)
    return initializer


def _uniform(shape: Shape, rng: np.random.Generator, minval: float, maxval: float) -> Weights:
    return rng.uniform(minval, maxval, shape).astype(np.float32)


def _corrected_normal(shape: Shape, rng: np.random.Generator, stddev: float) -> Weights:
    return (stddev / _TRUNCATED_STDDEV * _truncated(shape, rng)).astype(np.float32)


def _truncated(shape: Shape, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw standard normal numbers between -2 and 2; numbers outside are drawn again."""
    numbers = rng.normal(size=shape)
    while (outside := np.abs(numbers) >= 2).any():  # noqa: PLR2004 -- Keras truncates at two standard deviations
        numbers[outside] = rng.normal(size=int(outside.sum()))
    return numbers
