"""Compares the names of a file's arrays with the expected ones."""

from collections.abc import Iterable

from naivenet.errors import CheckpointError

_NAMES_SHOWN = 8


def check_names(given: Iterable[str], expected: Iterable[str]) -> None:
    """Refuse missing, unexpected and repeated names.

    Raises:
        CheckpointError: The names differ; the message lists some of each kind.
    """
    names, wanted = list(given), list(expected)
    missing = [name for name in wanted if name not in names]
    extra = [name for name in names if name not in wanted]
    if missing or extra or len(names) != len(wanted):
        raise CheckpointError(
            f"the network's arrays are {_some(wanted)}, but the given ones are {_some(names)}: "
            f"missing {_some(missing)}, unexpected {_some(extra)}"
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:_NAMES_SHOWN]) or "none"
    return f"{shown}, ... ({len(names)} in all)" if len(names) > _NAMES_SHOWN else shown
