"""Comparisons of jobs: their configurations, their metrics and their curves."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.charts import data as chart_data
from service.api.charts.places import Place
from service.api.charts.response import ChartResponderDep, chart
from service.api.dependencies import ServicesDep
from service.api.routes.charts import MaxPoints, Scale, Smoothing
from service.api.schemas.common import JOB_ID
from service.api.schemas.comparison import ComparedOut, ComparisonOut, DifferenceOut, GroupOut
from service.domain.job import Job
from service.domain.key import Scope
from service.errors import InvalidInput
from service.jobs.comparison import compare

router = APIRouter(prefix="/v1/compare", tags=["compare"], route_class=GatedRoute)

#: The largest number of jobs in one comparison.
MAX_JOBS = 64

Figure = Literal[
    "loss", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"
]
Grouping = Literal["config"]


def _jobs(
    services: ServicesDep,
    jobs: Annotated[
        str, Query(description=f"Up to {MAX_JOBS} job ids, separated by commas.", examples=[f"{JOB_ID},{JOB_ID}"])
    ],
) -> list[Job]:
    ids = list(dict.fromkeys(filter(None, map(str.strip, jobs.split(",")))))
    if not 1 <= len(ids) <= MAX_JOBS:
        raise InvalidInput.at("query/jobs", f"Give 1 to {MAX_JOBS} job ids, separated by commas; there are {len(ids)}.")
    return [services.jobs.get(job_id) for job_id in ids]


JobsDep = Annotated[list[Job], Depends(_jobs)]


@router.get("")
@requires(Scope.READ)
def compare_jobs(jobs: JobsDep, services: ServicesDep) -> ComparisonOut:
    """Compare the metrics of jobs, and the fields in which their configurations differ. Repeated ids are ignored."""
    comparison = compare(services, jobs)
    return ComparisonOut(
        jobs=[ComparedOut.of(each) for each in comparison.jobs],
        differences=[DifferenceOut(pointer=at, values=values) for at, values in comparison.differences.items()],
        groups=[GroupOut.of(group) for group in comparison.groups],
    )


@chart(router, "/curve")
@requires(Scope.READ)
async def compare_curves(
    jobs: JobsDep,
    responder: ChartResponderDep,
    services: ServicesDep,
    figure: Annotated[Figure, Query(description="`loss` of each step; every other metric of each epoch.")] = "loss",
    max_points: MaxPoints = 400,
    smoothing: Smoothing = 0.98,
    scale_of_loss: Scale = "linear",
    group: Annotated[
        Grouping | None,
        Query(
            description="`config`: one curve for jobs that differ in the seed only, their mean, and a band over all."
        ),
    ] = None,
    x: Annotated[
        Place | None,
        Query(
            description="What the x axis counts: by default steps for `loss`, and epochs for other metrics. Runs with"
            " other batch sizes take other steps for the same images; `images` is steps times batch size, and"
            " `seconds` is training time, as far as epochs have ended."
        ),
    ] = None,
) -> Response:
    """Draw one metric of several jobs in one chart."""
    shown = chart_data.ComparedCurves(
        metric=figure, max_points=max_points, smoothing=smoothing, log=scale_of_loss == "log", place=x
    )
    if group:
        return await responder.respond("groups", 380, chart_data.bands, services, jobs, shown)
    return await responder.respond("compare", 380, chart_data.compared, services, jobs, shown)
