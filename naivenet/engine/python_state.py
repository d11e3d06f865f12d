"""Finds out whether code of the user's changes Python variables, which a compiled graph would change only once."""

import inspect
import random
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

import numpy as np

_LIBRARIES = ("keras", "naivenet", "numpy", "tensorflow")
#: A variable: its name for the user, how to read it, and how to set it.
Place = tuple[str, Callable[[], Any], Callable[[Any], None]]


class PythonState:
    """The variables that functions and objects can change: globals, closures, attributes, and lists in them.

    Args:
        things: Functions, methods and objects that can be called. Those of libraries are left out.
    """

    def __init__(self, things: Iterable[Any]) -> None:
        self._saved = [(place, place[1](), _contents(place[1]())) for each in things for place in _places(each)]
        self._random = random.getstate(), np.random.get_state()  # noqa: NPY002 -- what students call draws from it

    def changes(self) -> list[str]:
        """Return the names of the variables that have changed since."""
        names = [
            name
            for (name, read, _), value, contents in self._saved
            if read() is not value or not _same(_contents(value), contents)
        ]
        now = random.getstate(), np.random.get_state()  # noqa: NPY002 -- likewise
        return names + ([] if str(now) == str(self._random) else ["the random numbers of NumPy or Python"])

    def restore(self) -> None:
        """Set the variables back."""
        for (_, _, write), value, contents in self._saved:
            write(value)
            if contents is not None:
                value.clear()
                (value.extend if isinstance(value, list) else value.update)(contents)
        random.setstate(self._random[0])
        np.random.set_state(self._random[1])  # noqa: NPY002 -- likewise


def _places(thing: Any) -> Iterator[Place]:
    if inspect.ismethod(thing):
        yield from _places(thing.__self__)
        thing = thing.__func__
    if type(thing).__module__.split(".")[0] in _LIBRARIES:
        return
    if isinstance(thing, FunctionType):
        yield from _places_of_function(thing)
        return
    if hasattr(thing, "__dict__"):
        attributes, kind = vars(thing), type(thing).__name__
        yield f"an attribute of {kind}", lambda: attributes, lambda _: None
        lists = [name for name, value in attributes.items() if _contents(value) is not None]
        yield from (_entry(attributes, name, f"{kind}.{name}") for name in lists)
    call: Any = type(thing).__call__
    if isinstance(call, FunctionType):
        yield from _places_of_function(call)


def _places_of_function(function: FunctionType) -> Iterator[Place]:
    names, variables = _names(function.__code__), function.__globals__
    yield from (_entry(variables, name, name) for name in names if name in variables)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    yield from (_cell(cell, name) for name, cell in cells if name != "__class__" and _is_filled(cell))


def _entry(variables: dict[str, Any], key: str, name: str) -> Place:
    return name, lambda: variables.get(key), lambda value: variables.__setitem__(key, value)


def _cell(cell: Any, name: str) -> Place:
    return name, lambda: cell.cell_contents, lambda value: setattr(cell, "cell_contents", value)


def _is_filled(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _names(code: CodeType) -> set[str]:
    """Return the names that a function, or one that is written inside it, may look up."""
    inner = (_names(each) for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*inner)


def _contents(value: Any) -> Any:
    """Return a copy of a list, a dictionary or a set; None for other values."""
    return value.copy() if type(value) in {list, dict, set} else None


def _same(one: Any, other: Any) -> bool:
    """Return whether two copies hold the very same objects."""
    if isinstance(one, dict):
        return _same([*one.keys(), *one.values()], [*other.keys(), *other.values()])
    if isinstance(one, list):
        return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
    return bool(one == other)
