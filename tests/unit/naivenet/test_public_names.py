"""The public names of `naivenet`, and the modules that it does not import."""

import copy
import inspect
import pickle
import subprocess
import sys
from importlib import resources

import pytest

import naivenet

PREDICT_WITHOUT_TENSORFLOW = """
import sys
import numpy as np
import naivenet
from naivenet import Layer, Network, NaiveDense, NaiveSequential

network = Network(layers=(Layer(units=16, activation="gelu"), Layer(units=10, activation="softmax")))
rng = np.random.default_rng(0)
model = network.with_weights([rng.random(shape, dtype=np.float32) for shape in network.shapes(784)])
loaded = naivenet.from_safetensors(naivenet.to_safetensors(model))
naivenet.from_npz(naivenet.to_npz(model), network)
assert loaded(np.ones((2, 784), np.float32)).shape == (2, 10)
naivenet.evaluate(loaded, np.zeros((3, 28, 28), np.uint8), [1, 2, 3])
imported = [name for name in sys.modules if name.split(".")[0] in ("tensorflow", "keras")]
assert not imported, imported
"""


def test_the_public_names_are_sorted_and_there() -> None:
    """`__all__` is sorted as ruff sorts it, holds nothing twice, and every name in it exists."""
    constants = [name for name in naivenet.__all__ if name.isupper()]
    classes = [name for name in naivenet.__all__ if name[0].isupper() and not name.isupper()]
    others = [name for name in naivenet.__all__ if name[0].islower()]
    assert naivenet.__all__ == sorted(constants) + sorted(classes) + sorted(others)
    assert len(set(naivenet.__all__)) == len(naivenet.__all__)
    assert all(hasattr(naivenet, name) for name in naivenet.__all__)


def test_every_public_name_is_documented() -> None:
    """Every public class and function has a docstring."""
    things = [getattr(naivenet, name) for name in naivenet.__all__]
    documented = [thing for thing in things if inspect.isclass(thing) or inspect.isfunction(thing)]
    assert [thing for thing in documented if not (thing.__doc__ or "").strip()] == []


def test_the_package_says_that_it_is_typed() -> None:
    """`py.typed` ships with the package."""
    assert (resources.files("naivenet") / "py.typed").is_file()


def test_loading_and_predicting_import_no_tensorflow() -> None:
    """A process that loads a checkpoint and predicts on NumPy arrays imports neither TensorFlow nor Keras."""
    subprocess.run([sys.executable, "-c", PREDICT_WITHOUT_TENSORFLOW], check=True)


@pytest.mark.parametrize("name", ["ShapeError", "UnknownName", "ParameterError", "CheckpointError"])
def test_wrong_values_are_value_errors(name: str) -> None:
    """Errors for wrong values are both a `ValueError` and a `NaivenetError`."""
    assert issubclass(getattr(naivenet, name), ValueError)
    assert issubclass(getattr(naivenet, name), naivenet.NaivenetError)


def test_an_unknown_name_can_be_copied() -> None:
    """A copied or pickled error keeps its message."""
    error = naivenet.UnknownName("activation", "rellu", ["relu", "tanh"])
    assert str(error) == "unknown activation 'rellu': did you mean 'relu'? known are relu, tanh"
    for duplicate in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301 -- our own, a line ago
        assert str(duplicate) == str(error)


def test_the_earlier_name_of_run_length_still_works() -> None:
    """`Horizon` is the same class as `RunLength`."""
    assert naivenet.Horizon is naivenet.RunLength
