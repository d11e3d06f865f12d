"""Imports TensorFlow and Keras when they are first used: a prediction on NumPy arrays needs neither."""

import importlib
from typing import Any


class LazyModule:
    """A module that is imported when something of it is first asked for.

    Importing TensorFlow takes seconds and half a gigabyte, and a process that only predicts never pays them.

    Args:
        name: The module's full name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """Look *attribute* up in the module, importing it first."""
        return getattr(importlib.import_module(self._name), attribute)


tf: Any = LazyModule("tensorflow")
keras: Any = LazyModule("keras")
