"""Compares the names of a file's arrays with the wanted ones."""

from collections.abc import Iterable

from naivenet.errors import CheckpointError


def check_names(given: Iterable[str], wanted: Iterable[str]) -> None:
    """Refuse arrays that are missing, that nobody asked for, or that come twice.

    Raises:
        CheckpointError: There is one such; the message names some of each.
    """
    names, expected = list(given), list(wanted)
    missing = [name for name in expected if name not in names]
    extra = [name for name in names if name not in expected]
    if missing or extra or len(names) != len(expected):
        raise CheckpointError(
            f"the network's arrays are {_some(expected)}, but those given are {_some(names)}: "
            f"missing {_some(missing)}, not wanted {_some(extra)}"
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:8]) or "none"
    return f"{shown}, ... ({len(names)} in all)" if len(names) > 8 else shown  # noqa: PLR2004 -- enough to see
