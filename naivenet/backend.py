"""TensorFlow and Keras, imported at their first use: a prediction on NumPy arrays needs neither."""

import importlib
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: A TensorFlow tensor or variable, or a NumPy array. TensorFlow publishes no types, so that this is ``Any``.
Tensor: TypeAlias = Any


class LazyModule:
    """A module that is imported when one of its attributes is first used.

    The import of TensorFlow takes seconds and half a gigabyte; a process that only predicts never pays for it.

    Args:
        name: The module's full name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """Return *attribute* of the module, and import the module first if necessary."""
        return getattr(importlib.import_module(self._name), attribute)


tf: Any = LazyModule("tensorflow")
keras: Any = LazyModule("keras")


def to_numpy(weight: Tensor) -> NDArray[np.float32]:
    """Copy a TensorFlow variable or a NumPy array into a new NumPy array."""
    array = weight if isinstance(weight, np.ndarray) else weight.numpy()
    return np.array(array, order="C")
