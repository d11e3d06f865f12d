"""Comparisons of jobs."""

from typing import Any

from msgspec import Struct

from naivenet_client import html


class Difference(Struct, frozen=True, kw_only=True):
    """A field of the configuration that is not the same in all jobs, with one value a job."""

    pointer: str
    values: tuple[Any, ...]


class Metrics(Struct, frozen=True, kw_only=True):
    """The metrics of a job's result or newest epoch; None where there is none."""

    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None


class ComparedJob(Struct, frozen=True, kw_only=True):
    """One of the compared jobs. *label* is unique: its name, or its optimizer and layers."""

    id: str
    label: str
    status: str
    figures: Metrics
    epochs_done: int = 0
    step: int = 0
    best_test_accuracy: float | None = None
    best_epoch: int | None = None
    seconds: float = 0.0


class Spread(Struct, frozen=True, kw_only=True):
    """A metric of the succeeded jobs of a group: their number, and the spread of their results."""

    n: int
    mean: float
    minimum: float
    maximum: float
    sd: float | None = None


class Spreads(Struct, frozen=True, kw_only=True):
    """The spread of each metric; None where no job has it."""

    train_loss: Spread | None = None
    train_accuracy: Spread | None = None
    validation_loss: Spread | None = None
    validation_accuracy: Spread | None = None
    test_loss: Spread | None = None
    test_accuracy: Spread | None = None


class JobGroup(Struct, frozen=True, kw_only=True):
    """Jobs whose configurations are equal in all but the seed and the name."""

    label: str
    jobs: tuple[str, ...]
    figures: Spreads


class Curve(Struct, frozen=True, kw_only=True):
    """The points of one job's curve, or of a group's; None where a value is missing or not finite.

    Attributes:
        label: The label of the job or of the group.
        jobs: The ids of the jobs that it shows.
        x: The places of the points, ascending.
        y: The metric: of a loss by steps the moving average, of a group the mean.
        losses: The losses of single steps; empty for other metrics and for groups.
        low: The lowest run of a group; empty for a single job.
        high: The highest run of a group; empty for a single job.
    """

    label: str
    jobs: tuple[str, ...]
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    losses: tuple[float | None, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


class Curves(Struct, frozen=True, kw_only=True):
    """One metric of several jobs as curves; *x* is what their x axis counts."""

    figure: str
    x: str
    curves: tuple[Curve, ...]


class Comparison(Struct, frozen=True, kw_only=True):
    """Several jobs and their differences, in the order of the request."""

    jobs: tuple[ComparedJob, ...]
    differences: tuple[Difference, ...]
    groups: tuple[JobGroup, ...] = ()

    def _repr_html_(self) -> str:
        heads = ["", *(job.label for job in self.jobs)]
        rows: list[list[object]] = [[each.pointer, *each.values] for each in self.differences]
        rows.append(["status", *(job.status for job in self.jobs)])
        rows.append(["best test accuracy", *(job.best_test_accuracy for job in self.jobs)])
        rows.append(["seconds", *(round(job.seconds, 1) for job in self.jobs)])
        return html.table(heads, rows)
