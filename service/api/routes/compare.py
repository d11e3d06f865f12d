"""Comparisons of jobs: their configurations, their metrics and their curves."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.charts import data as chart_data
from service.api.charts.response import ChartResponderDep, chart
from service.api.dependencies import BulkThreadDep, ServicesDep
from service.api.http.conditional import NOT_MODIFIED, tagged_response
from service.api.routes.charts import MaxPoints, Scale, Smoothing
from service.api.schemas.common import JOB_ID
from service.api.schemas.comparison import ComparedOut, ComparisonOut, CurvesOut, DifferenceOut, GroupOut
from service.domain.curve_places import Place
from service.domain.job import Job
from service.domain.key import Scope
from service.errors import InvalidInput
from service.jobs.comparison import compare, read_jobs

router = APIRouter(prefix="/v1/compare", tags=["compare"], route_class=GatedRoute)

#: The largest number of jobs in one comparison.
MAX_JOBS = 64

Figure = Literal[
    "loss", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"
]
Grouping = Annotated[
    Literal["config"] | None,
    Query(description="`config`: one curve for jobs that differ in the seed only, their mean, and a band over all."),
]


def _jobs(
    services: ServicesDep,
    jobs: Annotated[
        str, Query(description=f"Up to {MAX_JOBS} job ids, separated by commas.", examples=[f"{JOB_ID},{JOB_ID}"])
    ],
) -> list[Job]:
    ids = list(dict.fromkeys(filter(None, map(str.strip, jobs.split(",")))))
    if not 1 <= len(ids) <= MAX_JOBS:
        raise InvalidInput.at("query/jobs", f"Give 1 to {MAX_JOBS} job ids, separated by commas; there are {len(ids)}.")
    return read_jobs(services, ids)


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


async def _curves(
    figure: Annotated[Figure, Query(description="`loss` of each step; every other metric of each epoch.")] = "loss",
    max_points: MaxPoints = 400,
    smoothing: Smoothing = 0.98,
    x: Annotated[
        Place | None,
        Query(
            description="What the x axis counts: by default steps for `loss`, and epochs for other metrics. Runs with"
            " other batch sizes take other steps for the same images; `images` is steps times batch size, and"
            " `seconds` is training time, as far as epochs have ended."
        ),
    ] = None,
) -> chart_data.ComparedCurves:
    """Return what the curves show."""
    return chart_data.ComparedCurves(metric=figure, max_points=max_points, smoothing=smoothing, place=x)


CurvesDep = Annotated[chart_data.ComparedCurves, Depends(_curves)]


@router.get("/points", response_model=CurvesOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
async def compare_points(
    request: Request,
    jobs: JobsDep,
    shown: CurvesDep,
    services: ServicesDep,
    bulk_thread: BulkThreadDep,
    *,
    group: Grouping = None,
) -> Response:
    """Return the points of the curves that `/v1/compare/curve` draws."""
    shown = replace(shown, place=shown.place or shown.natural_place)
    gather = chart_data.bands if group else chart_data.compared
    data = await bulk_thread.run_long(gather, services, jobs, shown)
    return tagged_response(request, CurvesOut.of(data))


@chart(router, "/curve")
@requires(Scope.READ)
async def compare_curves(
    jobs: JobsDep,
    responder: ChartResponderDep,
    shown: CurvesDep,
    services: ServicesDep,
    *,
    scale_of_loss: Scale = "linear",
    group: Grouping = None,
) -> Response:
    """Draw one metric of several jobs in one chart."""
    shown = replace(shown, log=scale_of_loss == "log")
    if group:
        return await responder.respond("groups", 380, chart_data.bands, services, jobs, shown)
    return await responder.respond("compare", 380, chart_data.compared, services, jobs, shown)
