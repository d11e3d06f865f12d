"""Comparisons of jobs in responses."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from pydantic import Field

from service.api.schemas.common import JOB_ID, Wire
from service.domain.curve_places import Place
from service.domain.job import Status
from service.jobs.comparison import ComparedJob, JobGroup


class DifferenceOut(Wire):
    """A field of the configuration that is not the same in all jobs."""

    pointer: str = Field(
        description="A JSON pointer into a job's configuration.", examples=["/optimizer/learning_rate"]
    )
    values: list[Any] = Field(
        description="One value a job, in the order of `jobs`; null where the configuration has no such field.",
        examples=[[0.1, 0.01]],
    )


class FiguresOut(Wire):
    """The metrics of a succeeded job's result, or of another job's newest epoch; null where there is none."""

    train_loss: float | None = Field(None, examples=[0.05])
    train_accuracy: float | None = Field(None, examples=[0.985])
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = Field(None, examples=[0.07])
    test_accuracy: float | None = Field(None, examples=[0.9812])


class ComparedOut(Wire):
    """One of the compared jobs."""

    id: str = Field(examples=[JOB_ID])
    label: str = Field(
        description="A unique label: the job's name, or else its optimizer and layers.", examples=["sgd 0.1 · 512-10"]
    )
    status: Status
    epochs_done: int = Field(examples=[10])
    step: int = Field(examples=[4690])
    figures: FiguresOut
    best_test_accuracy: float | None = Field(examples=[0.9831])
    best_epoch: int | None = Field(description="The epoch with the best test accuracy.", examples=[8])
    seconds: float = Field(description="The training time of its epochs, without evaluation.", examples=[4.6])

    @classmethod
    def of(cls, compared: ComparedJob) -> "ComparedOut":
        """Return *compared* as the API shows it."""
        job, best, last = compared.job, compared.best_epoch, compared.last_metrics
        return cls(
            id=job.id,
            label=compared.label,
            status=job.status,
            epochs_done=compared.epochs_done,
            step=job.progress.step,
            figures=FiguresOut(**{name: getattr(last, name, None) for name in FiguresOut.model_fields}),
            best_test_accuracy=best.test_accuracy if best else None,
            best_epoch=best.epoch if best else None,
            seconds=compared.seconds,
        )


class SpreadOut(Wire):
    """A metric of the succeeded jobs of a group."""

    n: int = Field(description="How many jobs have it.", examples=[8])
    mean: float = Field(examples=[0.9812])
    sd: float | None = Field(description="The standard deviation; null for a single job.", examples=[0.0011])
    minimum: float = Field(examples=[0.9796])
    maximum: float = Field(examples=[0.9829])

    @classmethod
    def of(cls, values: Sequence[float]) -> "SpreadOut | None":
        """Return the spread of *values*; None if there are none."""
        if not values:
            return None
        sd = stdev(values) if len(values) > 1 else None
        return cls(n=len(values), mean=fmean(values), sd=sd, minimum=min(values), maximum=max(values))


class SpreadsOut(Wire):
    """The spread of each metric; null where no job has it."""

    train_loss: SpreadOut | None = None
    train_accuracy: SpreadOut | None = None
    validation_loss: SpreadOut | None = None
    validation_accuracy: SpreadOut | None = None
    test_loss: SpreadOut | None = None
    test_accuracy: SpreadOut | None = None


class GroupOut(Wire):
    """Compared jobs whose configurations are equal in all but the seed and the name."""

    label: str = Field(
        description="A unique label, such as the name that all jobs share.", examples=["sgd 0.1 · 512-10"]
    )
    jobs: list[str] = Field(description="Their ids.", examples=[[JOB_ID]])
    figures: SpreadsOut

    @classmethod
    def of(cls, group: JobGroup) -> "GroupOut":
        """Return *group* as the API shows it."""
        figures = {name: SpreadOut.of(group.results(name)) for name in SpreadsOut.model_fields}
        return cls(label=group.label, jobs=[job.id for job in group.jobs], figures=SpreadsOut(**figures))


class ComparisonOut(Wire):
    """Several jobs and their differences, in the order of the request."""

    jobs: list[ComparedOut]
    differences: list[DifferenceOut]
    groups: list[GroupOut] = Field(
        description="The same jobs in groups: a group has the jobs that differ in the seed only."
    )


class CurveOut(Wire):
    """The curve of one job, or of a group; a value that is missing or not finite is null."""

    label: str = Field(description="The label of the job or of the group.", examples=["sgd 0.1 · 512-10"])
    jobs: list[str] = Field(description="The ids of the jobs that it shows.", examples=[[JOB_ID]])
    x: list[float] = Field(description="The places of the points, ascending.", examples=[[1, 2, 3]])
    y: list[float | None] = Field(
        description="The metric: of a loss by steps the moving average, of a group the mean.",
        examples=[[2.31, 2.28, 2.2]],
    )
    losses: list[float | None] = Field(
        description="The losses of single steps, without the moving average; empty for other metrics and groups."
    )
    low: list[float | None] = Field(description="The lowest run of a group; empty for a single job.")
    high: list[float | None] = Field(description="The highest run of a group; empty for a single job.")

    @classmethod
    def of(cls, run: Mapping[str, Any], metric: str) -> "CurveOut":
        """Return the points of *run* as columns."""

        def column(name: str) -> list[float | None]:
            return [point[name] for point in points if name in point]

        points = run["points"]
        y = "mean" if points and "mean" in points[0] else "smooth" if metric == "loss" else metric
        bands = {name: column(name) for name in ("low", "high")}
        return cls(label=run["name"], jobs=run["jobs"], x=column("x"), y=column(y), losses=column("loss"), **bands)


class CurvesOut(Wire):
    """One metric of several jobs as curves."""

    figure: str = Field(description="The metric.", examples=["loss"])
    x: Place = Field(description="What the x axis counts.")
    curves: list[CurveOut] = Field(description="In the order of the request; of groups, of their first jobs.")

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "CurvesOut":
        """Return the data of the chart as the API shows it."""
        curves = [CurveOut.of(run, data["metric"]) for run in data["runs"]]
        return cls(figure=data["metric"], x=data["place"], curves=curves)
