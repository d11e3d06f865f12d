"""The errors of this package, by meaning, so that a caller can catch one of them and not every ``ValueError``.

::

    NaivenetError
    ├── ShapeError        (also a ValueError)  sizes that do not fit each other
    ├── UnknownName       (also a ValueError)  a name that does not exist
    ├── ParameterError    (also a ValueError)  a value of the wrong type or out of range
    │   └── MissingPart   (also an AttributeError)  a layer or model of the user's own lacks what a call needs
    ├── CheckpointError   (also a ValueError)  bytes that are not the expected weights
    └── DatasetError                           a dataset that is missing, damaged or of another form

`NaivenetWarning` is the category of all warnings.
"""

import difflib
import inspect
import traceback
import warnings
from collections.abc import Iterable


class NaivenetError(Exception):
    """Base of all errors that this package raises on purpose."""


class ShapeError(NaivenetError, ValueError):
    """Sizes that do not fit each other; the message names both."""


class UnknownName(NaivenetError, ValueError):
    """A name that does not exist.

    Args:
        kind: The kind of name, for example ``"activation"``.
        name: The given name.
        known: All names that exist.
    """

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        close = difflib.get_close_matches(str(name), self.known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(f"unknown {kind} {name!r}: {hint}known are {', '.join(self.known)}")

    def __reduce__(self) -> tuple[type["UnknownName"], tuple[str, object, tuple[str, ...]]]:
        """Make copies from the arguments, not from the message."""
        return type(self), (self.kind, self.name, self.known)


class ParameterError(NaivenetError, ValueError):
    """A value of the wrong type or out of range; the message gives the right ones."""


class MissingPart(ParameterError, AttributeError):
    """A layer or a model of the user's own lacks what a call needs, such as a size or a name of its activation."""


class CheckpointError(NaivenetError, ValueError):
    """Bytes that are not the expected weights or training state."""


class DatasetError(NaivenetError):
    """A dataset that is missing, damaged or of another form."""


class NaivenetWarning(UserWarning):
    """A result may not be what the caller expects; the message says why, and what to write instead."""


def warn(message: str) -> None:
    """Warn at the line outside this package that called it."""
    level, frame, package = 1, inspect.currentframe(), __name__.partition(".")[0]
    for depth, (each, _) in enumerate(traceback.walk_stack(frame), start=1):
        if each.f_globals.get("__name__", "").partition(".")[0] == package:
            level = depth + 1
    warnings.warn(message, NaivenetWarning, stacklevel=level)


# Python shows a warning once for each line; two cells of a notebook may count as the same line
warnings.simplefilter("always", NaivenetWarning, append=True)
