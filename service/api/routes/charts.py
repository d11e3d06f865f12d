"""Charts of jobs and of checkpoints. Each chart is declared once, in `service.charts`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.charts import data as chart_data
from service.api.charts.response import ChartResponderDep, chart
from service.api.dependencies import EvaluationsDep, ServicesDep
from service.domain.config import LARGEST_INTEGER
from service.domain.key import Scope
from service.domain.thinning import MIN_POINTS

router = APIRouter(prefix="/v1", route_class=GatedRoute)

MaxPoints = Annotated[
    int, Query(ge=MIN_POINTS, le=4000, description="The largest number of steps to show; others are left out.")
]
Smoothing = Annotated[
    float,
    Query(
        ge=0,
        lt=1,
        description="The largest weight of earlier losses in the moving average; at step n it is (n - 1) / (n + 9).",
    ),
]
Scale = Annotated[
    Literal["linear", "log", "whole"],
    Query(
        description="The scale of the loss axis. `linear` ends where most losses of a job are, so that the first steps "
        "do not flatten the rest; `whole` is linear and shows all of them."
    ),
]


@chart(router, "/jobs/{job_id}/curve")
@requires(Scope.READ)
async def job_curve(
    job_id: str,
    responder: ChartResponderDep,
    services: ServicesDep,
    figure: Annotated[
        Literal["loss", "accuracy", "epoch_loss"],
        Query(description="`loss` of each step; `accuracy` or `epoch_loss` of each epoch."),
    ] = "loss",
    max_points: MaxPoints = 800,
    smoothing: Smoothing = 0.98,
    scale_of_loss: Scale = "linear",
) -> Response:
    """Draw a job's learning curve: the loss of each step, or the accuracy or mean loss of each epoch."""
    if figure == "loss":
        options = {"max_points": max_points, "smoothing": smoothing, "scale": scale_of_loss}
        return await responder.respond("curve", 360, chart_data.curve, services, job_id, **options)
    kind, log = figure.removeprefix("epoch_"), figure == "epoch_loss" and scale_of_loss == "log"
    return await responder.respond("epochs", 300, chart_data.epochs, services, job_id, kind, log=log)


@chart(router, "/jobs/{job_id}/histograms")
@requires(Scope.READ)
async def job_histograms(job_id: str, responder: ChartResponderDep, services: ServicesDep) -> Response:
    """Draw the distribution of each layer's weights over the epochs, from the kept checkpoints of at most 20 epochs."""
    return await responder.respond("weight_history", 320, chart_data.weight_history, services, job_id)


@chart(router, "/checkpoints/{checkpoint_id}/histograms")
@requires(Scope.READ)
async def checkpoint_histograms(checkpoint_id: str, responder: ChartResponderDep, services: ServicesDep) -> Response:
    """Draw the distribution of each layer's weights."""
    return await responder.respond("histograms", 260, chart_data.histograms, services, checkpoint_id)


@chart(router, "/checkpoints/{checkpoint_id}/units")
@requires(Scope.READ)
async def checkpoint_units(
    checkpoint_id: str,
    responder: ChartResponderDep,
    services: ServicesDep,
    first: Annotated[int, Query(ge=1, le=LARGEST_INTEGER, description="The number of the first unit, from 1.")] = 1,
    count: Annotated[int, Query(ge=1, le=100, description="The largest number of units to show.")] = 60,
) -> Response:
    """Draw the weights into each unit of the first layer as an image: positive weights orange, negative ones blue."""
    return await responder.respond("units", 360, chart_data.units, services, checkpoint_id, first=first, count=count)


@chart(router, "/checkpoints/{checkpoint_id}/confusion")
@requires(Scope.READ)
async def checkpoint_confusion(
    checkpoint_id: str, responder: ChartResponderDep, evaluations: EvaluationsDep
) -> Response:
    """Draw the confusion matrix on the test set: labels in rows, predictions in columns."""
    evaluation = await evaluations.get(checkpoint_id)
    return await responder.respond("confusion", 480, chart_data.confusion, evaluation)
