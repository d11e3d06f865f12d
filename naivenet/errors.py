"""What can go wrong, by meaning, so that a caller catches one thing and not every ``ValueError``.

::

    NaivenetError
    ├── ShapeError        (also a ValueError)  sizes that do not fit each other
    ├── UnknownName       (also a ValueError)  a name that stands for nothing here
    ├── ParameterError    (also a ValueError)  a value of the wrong kind, or out of its range
    ├── CheckpointError   (also a ValueError)  bytes that are not the weights asked for
    └── DatasetError                           a data set that is missing, damaged or not of its form
"""

import difflib
from collections.abc import Iterable


class NaivenetError(Exception):
    """Everything that this package raises on purpose."""


class ShapeError(NaivenetError, ValueError):
    """Sizes that do not fit each other; the message names both."""


class UnknownName(NaivenetError, ValueError):
    """A name that stands for nothing here.

    Args:
        kind: What the name should have been, for example ``"activation"``.
        name: What was given.
        known: Every name that would have been right.
    """

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        close = difflib.get_close_matches(str(name), self.known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(f"unknown {kind} {name!r}: {hint}known are {', '.join(self.known)}")

    def __reduce__(self) -> tuple[type["UnknownName"], tuple[str, object, tuple[str, ...]]]:
        """Copy by the arguments, not by the message."""
        return type(self), (self.kind, self.name, self.known)


class ParameterError(NaivenetError, ValueError):
    """A value of the wrong kind, or out of its range; the message says which would be right."""


class CheckpointError(NaivenetError, ValueError):
    """Bytes that are not the weights that were asked for."""


class DatasetError(NaivenetError):
    """A data set that is missing, damaged or not of the form it should have."""
