"""Initial weights: their bounds and moments, compared with their definitions and with Keras."""

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from naivenet import INITIALIZERS, ParameterError, UnknownName, get_initializer
from naivenet.choices.initializers import Initializer, Orthogonal, RandomNormal, RandomUniform, TruncatedNormal

SHAPE = (300, 200)
KERAS = {
    "random_uniform": lambda: keras.initializers.RandomUniform(0.0, 0.1, seed=1),
    "random_normal": lambda: keras.initializers.RandomNormal(seed=1),
    "truncated_normal": lambda: keras.initializers.TruncatedNormal(seed=1),
    "zeros": keras.initializers.Zeros,
    "ones": keras.initializers.Ones,
    "constant": lambda: keras.initializers.Constant(0.0),
    "glorot_uniform": lambda: keras.initializers.GlorotUniform(seed=1),
    "glorot_normal": lambda: keras.initializers.GlorotNormal(seed=1),
    "he_uniform": lambda: keras.initializers.HeUniform(seed=1),
    "he_normal": lambda: keras.initializers.HeNormal(seed=1),
    "orthogonal": lambda: keras.initializers.Orthogonal(seed=1),
}


def weights(initializer: Initializer, shape: tuple[int, int] = SHAPE, seed: int = 3) -> NDArray[np.float32]:
    """Return the weights that an initializer makes from a seed."""
    return initializer(shape, np.random.Generator(np.random.PCG64(seed)))


def test_every_initializer_has_a_counterpart_in_this_test() -> None:
    """Every initializer is compared."""
    assert KERAS.keys() == INITIALIZERS.keys()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_moments_and_bounds_are_those_of_keras(name: str) -> None:
    """Mean, standard deviation, minimum and maximum of 60,000 weights equal Keras's, up to chance."""
    ours = weights(get_initializer(name))
    theirs = np.array(KERAS[name]()(SHAPE))
    spread = float(theirs.std())
    assert ours.dtype == np.float32
    assert ours.shape == SHAPE
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.02 * spread)
    assert ours.std() == pytest.approx(spread, rel=0.02)
    if name not in ("random_normal", "orthogonal"):
        assert ours.min() == pytest.approx(theirs.min(), abs=0.01 * spread)
        assert ours.max() == pytest.approx(theirs.max(), abs=0.01 * spread)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_seed_gives_the_same_bytes(name: str) -> None:
    """The same seed gives the same weights, another seed gives others, except for constants."""
    once, again, other = (weights(get_initializer(name), seed=seed) for seed in (1, 1, 2))
    assert once.tobytes() == again.tobytes()
    assert (once.tobytes() == other.tobytes()) == (name in ("zeros", "ones", "constant"))


def test_uniform_keeps_to_its_interval() -> None:
    """Uniform weights cover [minval, maxval) and stay within it."""
    drawn = weights(RandomUniform(minval=-0.5, maxval=2.0))
    assert drawn.min() >= -0.5
    assert drawn.max() < 2.0
    assert drawn.mean() == pytest.approx(0.75, abs=0.02)


def test_normal_has_its_mean_and_deviation() -> None:
    """Normal weights have the given mean and standard deviation."""
    drawn = weights(RandomNormal(mean=3.0, stddev=0.5))
    assert drawn.mean() == pytest.approx(3.0, abs=0.01)
    assert drawn.std() == pytest.approx(0.5, rel=0.02)


def test_truncated_normal_ends_at_two_deviations() -> None:
    """No truncated weight is two standard deviations from the mean or more."""
    drawn = weights(TruncatedNormal(mean=1.0, stddev=0.5))
    assert np.abs(drawn - 1.0).max() < 1.0 + 1e-6
    assert np.abs(drawn - 1.0).max() > 0.99


@pytest.mark.parametrize("shape", [(40, 20), (20, 40), (30, 30)])
def test_orthogonal_weights_are_orthogonal(shape: tuple[int, int]) -> None:
    """The shorter side's vectors are orthogonal and as long as the gain."""
    drawn = weights(Orthogonal(gain=2.0), shape).astype(np.float64)
    product = drawn.T @ drawn if shape[0] >= shape[1] else drawn @ drawn.T
    np.testing.assert_allclose(product, 4 * np.eye(min(shape)), atol=1e-5)


def test_constant_is_its_value() -> None:
    """Constant weights all have the given value."""
    assert (weights(get_initializer("constant", value=0.25)) == 0.25).all()


def test_an_empty_interval_is_refused() -> None:
    """Uniform weights need minval < maxval, and the error gives both."""
    with pytest.raises(ParameterError, match=r"minval < maxval, not minval 0.5 and maxval 0.5"):
        get_initializer("random_uniform", minval=0.5, maxval=0.5)


def test_an_unknown_initializer_is_refused_with_a_suggestion() -> None:
    """The error for a misspelt name suggests a similar name."""
    with pytest.raises(UnknownName, match="did you mean 'he_normal'"):
        get_initializer("he_norml")


def test_an_unknown_parameter_is_refused_with_those_that_there_are() -> None:
    """An initializer refuses parameters of other initializers."""
    with pytest.raises(UnknownName, match=r"unknown parameter of random_normal 'std': .*known are mean, stddev"):
        get_initializer("random_normal", std=1.0)
