"""Jobs beside each other: what differs in their configurations, what came of it, and their curves."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.charts import data as chart_data
from service.api.charts.response import ChartResponderDep, chart
from service.api.dependencies import ServicesDep
from service.api.routes.charts import Log, MaxPoints, Smoothing
from service.api.schemas.resources import JOB_ID, Wire
from service.composition import Services
from service.domain.differences import differences
from service.domain.history import EpochPoint
from service.domain.job import Job, Status
from service.domain.key import Scope
from service.errors import InvalidInput

router = APIRouter(prefix="/v1/compare", tags=["compare"], route_class=GatedRoute)

MOST = 20

Figure = Literal[
    "loss", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"
]


class DifferenceOut(Wire):
    """A field of the configuration in which the jobs are not all alike."""

    pointer: str = Field(description="Into a job's configuration.", examples=["/optimizer/learning_rate"])
    values: list[Any] = Field(
        description="One for each job, in their order; null where it has no such field.", examples=[[0.1, 0.01]]
    )


class FiguresOut(Wire):
    """What came out: of a job that succeeded its result, of another its newest epoch; null where there is none."""

    train_loss: float | None = Field(None, examples=[0.05])
    train_accuracy: float | None = Field(None, examples=[0.985])
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = Field(None, examples=[0.07])
    test_accuracy: float | None = Field(None, examples=[0.9812])


class ComparedOut(Wire):
    """A job among those that are compared."""

    id: str = Field(examples=[JOB_ID])
    label: str = Field(
        description="Its name, else what it is in few words; no two are the same.", examples=["sgd 0.1 · 512-10"]
    )
    status: Status
    epochs_done: int = Field(examples=[10])
    step: int = Field(examples=[4690])
    figures: FiguresOut
    best_test_accuracy: float | None = Field(examples=[0.9831])
    best_epoch: int | None = Field(description="The epoch that had it.", examples=[8])
    seconds: float = Field(description="Time that its epochs trained, without evaluation.", examples=[4.6])


class ComparisonOut(Wire):
    """Jobs beside each other, in the order in which they were asked for."""

    jobs: list[ComparedOut]
    differences: list[DifferenceOut]


def _jobs(
    services: ServicesDep,
    jobs: Annotated[
        str, Query(description=f"Ids with commas between, at most {MOST}.", examples=[f"{JOB_ID},{JOB_ID}"])
    ],
) -> list[Job]:
    ids = list(dict.fromkeys(filter(None, map(str.strip, jobs.split(",")))))
    if not 1 <= len(ids) <= MOST:
        raise InvalidInput.at("query/jobs", f"Give 1 to {MOST} ids of jobs with commas between; these are {len(ids)}.")
    return [services.jobs.get(job_id) for job_id in ids]


JobsDep = Annotated[list[Job], Depends(_jobs)]


@router.get("")
@requires(Scope.READ)
def compare_jobs(jobs: JobsDep, services: ServicesDep) -> ComparisonOut:
    """Tell in which fields jobs differ, and what came of it. Asking for one twice changes nothing."""
    labelled = zip(jobs, chart_data.names_of(jobs), strict=True)
    rows = differences([job.config for job in jobs])
    return ComparisonOut(
        jobs=[_compared(services, job, label) for job, label in labelled],
        differences=[DifferenceOut(pointer=pointer, values=values) for pointer, values in rows.items()],
    )


@chart(router, "/curve")
@requires(Scope.READ)
async def compare_curves(
    jobs: JobsDep,
    sheet: ChartResponderDep,
    services: ServicesDep,
    figure: Annotated[Figure, Query(description="`loss` is that of each step; all others are of epochs.")] = "loss",
    max_points: MaxPoints = 400,
    smoothing: Smoothing = 0.98,
    scale_of_loss: Log = "linear",
) -> Response:
    """Draw the same figure of several jobs over each other."""
    how = {"max_points": max_points, "smoothing": smoothing, "log": scale_of_loss == "log"}
    return await sheet.show("compare", 380, chart_data.compared, services, jobs, figure, **how)


def _compared(services: Services, job: Job, label: str) -> ComparedOut:
    epochs = services.history.epochs(job.id)
    tested = [epoch for epoch in epochs if epoch.test_accuracy is not None]
    best = max(tested, key=_test_accuracy, default=None)
    last = job.result or (epochs[-1] if epochs else None)
    return ComparedOut(
        id=job.id,
        label=label,
        status=job.status,
        epochs_done=len(epochs),
        step=job.progress.step,
        figures=FiguresOut(**{name: getattr(last, name, None) for name in FiguresOut.model_fields}),
        best_test_accuracy=best.test_accuracy if best else None,
        best_epoch=best.epoch if best else None,
        seconds=sum(epoch.seconds for epoch in epochs),
    )


def _test_accuracy(epoch: EpochPoint) -> float:
    return epoch.test_accuracy or 0.0
