"""A progress bar for a job: in a terminal, or as a widget in a notebook."""

import sys
import warnings
from types import TracebackType
from typing import Any, Self

from naivenet_client.schemas.events import EpochEvent, Event, StatusEvent, StepsEvent
from naivenet_client.schemas.jobs import JobData


class ProgressBar:
    """A context manager that shows the progress of a job; silent unless *shown*, and where no person watches.

    Args:
        job: The job, as it was last read.
        shown: Whether to show anything.
    """

    def __init__(self, job: JobData, *, shown: bool) -> None:
        self._bar = _bar(job) if shown and _is_watched() else None
        self._metrics: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the bar as it is, and end its line."""
        if self._bar is not None:
            self._bar.close()

    @property
    def lacks_total(self) -> bool:
        """Whether the bar does not know yet how many steps the job has."""
        return self._bar is not None and self._bar.total is None

    def set_total(self, total_steps: int | None) -> None:
        """Set how many steps the job has."""
        if self._bar is not None and total_steps:
            self._bar.reset(total_steps)

    def show(self, event: Event) -> None:
        """Show an event of the job."""
        if self._bar is None:
            return
        match event:
            case StepsEvent(losses=[*_, float(loss)]):
                self._metrics["loss"] = f"{loss:.4g}"
                self._move_to(event.last_step)
            case StepsEvent():
                self._move_to(event.last_step)
            case EpochEvent(test_accuracy=float(accuracy)):
                self._metrics["test accuracy"] = f"{accuracy:.2%}"
            case StatusEvent(status=status):
                self._bar.set_description(status)
        self._bar.set_postfix(self._metrics, refresh=False)

    def _move_to(self, step: int) -> None:
        if self._bar is not None:
            self._bar.update(max(0, step - self._bar.n))


class CountBar:
    """A context manager that shows how many of several things are done; silent as `ProgressBar` is.

    Args:
        total: How many there are.
        unit: What they are called.
        shown: Whether to show anything.
    """

    def __init__(self, total: int, *, unit: str, shown: bool) -> None:
        self._bar = _tqdm(total=total, unit=unit) if shown and _is_watched() else None

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the bar as it is, and end its line."""
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, *, total: int) -> None:
        """Show how many are done, of how many there are now."""
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(max(0, done - self._bar.n))


def _is_watched() -> bool:
    """Return whether standard error is a terminal, or the program runs in a notebook."""
    ipython = sys.modules.get("IPython")  # some programs import it, or its kernel, without being a notebook
    return (ipython is not None and ipython.get_ipython() is not None) or sys.stderr.isatty()


def _bar(job: JobData) -> Any:
    return _tqdm(total=job.progress.total_steps, initial=0, desc=job.status, unit="step", mininterval=0.2)


def _tqdm(**options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm warns in a notebook without ipywidgets; its plain line is fine
        from tqdm.auto import tqdm  # noqa: PLC0415  # only a bar needs it

        return tqdm(**options)


def note_interruption(job_id: str) -> None:
    """Print that an interrupted wait does not end the job, and how to cancel it."""
    hint = f'{job_id} continues in the service. To cancel it: client.jobs.get("{job_id}").cancel()'
    print(hint, file=sys.stderr)  # noqa: T201  # a person pressed Ctrl-C
