"""Finds out whether code of the user's changes Python variables, which a compiled graph would change only once."""

import dis
import functools
import inspect
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

import numpy as np

#: Lists that are longer hold data, such as losses; what their items hold in turn is not looked at.
_MOST_ITEMS = 1000


class PythonState:
    """The variables that functions and objects can change: globals, closures, attributes, and what these hold in turn.

    The variables of libraries, and what a generator or an array of NumPy holds, are left out.

    Args:
        things: Functions, methods and objects that can be called.
    """

    def __init__(self, things: Iterable[Any]) -> None:
        self._saved = [(place, place.copy()) for place in _reached(things)]
        self._random = random.getstate(), np.random.get_state()  # noqa: NPY002 -- what students call draws from it

    def changed_variables(self) -> list[str]:
        """Return the names of the variables that have changed since."""
        return list(dict.fromkeys(name for place, saved in self._saved for name in place.changes(saved)))

    def changes(self) -> list[str]:
        """Return what has changed since: variables, and the random numbers of NumPy and Python."""
        now = random.getstate(), np.random.get_state()  # noqa: NPY002 -- likewise
        drawn = [] if str(now) == str(self._random) else ["the random numbers of NumPy or Python"]
        return self.changed_variables() + drawn

    def restore(self) -> None:
        """Set the variables back."""
        for place, saved in self._saved:
            if place.changes(saved):
                place.restore(saved)
        random.setstate(self._random[0])
        np.random.set_state(self._random[1])  # noqa: NPY002 -- likewise


@dataclass(frozen=True, kw_only=True, eq=False)
class _Place:
    """Variables that are kept in one place.

    Attributes:
        copy: Returns the variables.
        restore: Sets them back.
        name: What the user calls the place; if empty, each variable has a name of its own.
    """

    copy: Callable[[], Mapping[Any, Any]]
    restore: Callable[[Mapping[Any, Any]], object] = lambda _: None
    name: str = ""

    def changes(self, saved: Mapping[Any, Any]) -> list[str]:
        """Return the names of the variables that are not the *saved* objects."""
        now, missing = self.copy(), object()
        changed = [str(key) for key in {**saved, **now} if now.get(key, missing) is not saved.get(key, missing)]
        return [self.name] if self.name and changed else changed


def _reached(things: Iterable[Any]) -> Iterator[_Place]:
    """Yield the variables of *things* and of all that they hold, each place once."""
    seen: dict[int, Any] = {}
    waiting = [("", thing) for thing in things]
    while waiting:
        name, thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        for place in _places(thing, name):
            yield place
            held = place.copy()
            if len(held) <= _MOST_ITEMS:
                waiting += [(place.name or str(key), each) for key, each in held.items()]


def _places(thing: Any, name: str) -> Iterator[_Place]:
    """Yield the places of the variables that *thing*, which is reached by *name*, can change."""
    if type(thing) in (list, dict, set, tuple):
        yield _items(thing, name)
    elif inspect.ismethod(thing):
        yield _constants(thing.__self__, thing.__func__)
    elif isinstance(thing, functools.partial):
        yield _constants(thing.func, thing.args, thing.keywords)
    elif isinstance(thing, FunctionType) and _is_own(thing):
        yield from (_globals(thing), _cells(thing), _constants(thing.__defaults__, thing.__kwdefaults__))
        yield _items(vars(thing), f"an attribute of {thing.__name__}")
    elif isinstance(thing, type) and _is_own(thing):
        yield from (_class_attributes(thing), _constants(*thing.__bases__))
    elif _is_own(type(thing)) and hasattr(thing, "__dict__"):
        yield from (_items(vars(thing), f"an attribute of {type(thing).__name__}"), _constants(type(thing)))


def _constants(*things: Any) -> _Place:
    """Return what is held, but is no variable."""
    return _Place(copy=lambda: dict(enumerate(things)), name="a default value")


def _items(container: Any, name: str) -> _Place:
    """Return the items of a list, a tuple, a set or a dictionary, such as that of an object's attributes."""
    if isinstance(container, tuple):
        return _constants(*container)

    def restore(saved: Mapping[Any, Any]) -> None:
        container.clear()
        if isinstance(container, list):
            container.extend(saved.values())
        else:
            container.update(saved)

    if isinstance(container, dict):
        return _Place(copy=container.copy, restore=restore, name=name)
    keys = enumerate if isinstance(container, list) else lambda items: zip(items, items, strict=True)
    return _Place(copy=lambda: dict(keys(container)), restore=restore, name=name)


def _class_attributes(cls: type) -> _Place:
    def restore(saved: Mapping[str, Any]) -> None:
        for name in vars(cls).keys() - saved.keys():
            delattr(cls, name)
        for name, value in saved.items():
            if vars(cls).get(name) is not value:
                setattr(cls, name, value)

    return _Place(copy=lambda: dict(vars(cls)), restore=restore, name=f"an attribute of the class {cls.__name__}")


def _globals(function: FunctionType) -> _Place:
    names, variables = _global_names(function.__code__), function.__globals__

    def restore(saved: Mapping[str, Any]) -> None:
        for name in names & variables.keys() - saved.keys():
            del variables[name]
        variables.update(saved)

    return _Place(copy=lambda: {name: variables[name] for name in names & variables.keys()}, restore=restore)


def _global_names(code: CodeType) -> set[str]:
    """Return the names of the globals that a function, or one that is written inside it, reads or sets."""
    inner = (_global_names(each) for each in code.co_consts if isinstance(each, CodeType))
    return {each.argval for each in dis.get_instructions(code) if each.opname.endswith("_GLOBAL")}.union(*inner)


def _cells(function: FunctionType) -> _Place:
    """Return the variables of enclosing functions that *function* uses."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))

    def restore(saved: Mapping[str, Any]) -> None:
        for name, value in saved.items():
            cells[name].cell_contents = value

    return _Place(
        copy=lambda: {name: cell.cell_contents for name, cell in cells.items() if _is_filled(cell)}, restore=restore
    )


def _is_filled(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _is_own(thing: Any) -> bool:
    """Return whether a function or a class is the user's, and of no library."""
    module = thing.__module__ or ""
    package, path = module.partition(".")[0], getattr(sys.modules.get(module), "__file__", None) or ""
    return package not in {"naivenet", *sys.stdlib_module_names} and "-packages" not in path  # site- or dist-packages
