"""The lines that the notebook's ``fit`` prints, and where they are printed."""

import sys
from collections.abc import Iterator
from typing import Literal

from naivenet.engine.events import Steps
from naivenet.errors import ParameterError

_BATCHES_BETWEEN_LINES = 100


def shows_progress(verbose: int | Literal["auto"]) -> bool:
    """Return whether to print: 1 says yes, 0 no, and "auto" yes where a person watches, a notebook or a terminal.

    Raises:
        ParameterError: *verbose* is none of these.
    """
    if not isinstance(verbose, int | str) or verbose not in (0, 1, "auto"):
        raise ParameterError(f"verbose must be 0, 1 or 'auto', not {verbose!r}")
    return _is_watched() if verbose == "auto" else bool(verbose)


def notebook_lines(steps: Steps, *, batches: int) -> Iterator[str]:
    """Yield the notebook's lines for *steps*: each epoch, and the loss of every hundredth of its *batches*."""
    first = (steps.first_step - 1) % batches
    for batch, loss in enumerate(steps.losses, start=first):
        if batch == 0:
            yield f"Epoch {steps.epoch - 1}"
        if batch % _BATCHES_BETWEEN_LINES == 0:
            yield f"loss at batch {batch}: {loss:.2f}"


def _is_watched() -> bool:
    ipython = sys.modules.get("IPython")
    return (ipython is not None and ipython.get_ipython() is not None) or bool(sys.stdout and sys.stdout.isatty())
