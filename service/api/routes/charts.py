"""Charts of jobs and of checkpoints: each is declared once, in `service.charts`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.charts import data as chart_data
from service.api.charts.response import ChartResponderDep, chart
from service.api.dependencies import EvaluationsDep, ServicesDep
from service.domain.config import LARGEST_INTEGER
from service.domain.key import Scope
from service.domain.thinning import SMALLEST

router = APIRouter(prefix="/v1", route_class=GatedRoute)

MaxPoints = Annotated[int, Query(ge=SMALLEST, le=4000, description="Thin to so many steps, as the history does.")]
Smoothing = Annotated[float, Query(ge=0, lt=1, description="Weight of the past in the moving average.")]
Log = Annotated[Literal["linear", "log"], Query(description="The scale of the losses.")]


@chart(router, "/jobs/{job_id}/curve")
@requires(Scope.READ)
async def job_curve(
    job_id: str,
    sheet: ChartResponderDep,
    services: ServicesDep,
    figure: Annotated[
        Literal["loss", "accuracy", "epoch_loss"],
        Query(description="Of each step, or two kinds of figures of each epoch."),
    ] = "loss",
    max_points: MaxPoints = 800,
    smoothing: Smoothing = 0.98,
    scale_of_loss: Log = "linear",
) -> Response:
    """Draw how a job learns: the loss of each step, or by epoch the accuracy or the mean loss in training and test."""
    if figure == "loss":
        points = {"max_points": max_points, "smoothing": smoothing, "log": scale_of_loss == "log"}
        return await sheet.show("curve", 360, chart_data.curve, services, job_id, **points)
    return await sheet.show("epochs", 300, chart_data.epochs, services, job_id, figure.removeprefix("epoch_"))


@chart(router, "/jobs/{job_id}/histograms")
@requires(Scope.READ)
async def job_histograms(job_id: str, sheet: ChartResponderDep, services: ServicesDep) -> Response:
    """Draw how the weights of each layer spread over the epochs, as far as checkpoints were kept; at most 20 epochs."""
    return await sheet.show("drift", 320, chart_data.weight_history, services, job_id)


@chart(router, "/checkpoints/{checkpoint_id}/histograms")
@requires(Scope.READ)
async def checkpoint_histograms(checkpoint_id: str, sheet: ChartResponderDep, services: ServicesDep) -> Response:
    """Draw how the weights of each layer spread."""
    return await sheet.show("histograms", 260, chart_data.histograms, services, checkpoint_id)


@chart(router, "/checkpoints/{checkpoint_id}/units")
@requires(Scope.READ)
async def checkpoint_units(
    checkpoint_id: str,
    sheet: ChartResponderDep,
    services: ServicesDep,
    first: Annotated[int, Query(ge=1, le=LARGEST_INTEGER, description="The number of the first unit, from 1.")] = 1,
    count: Annotated[int, Query(ge=1, le=100, description="At most so many units.")] = 60,
) -> Response:
    """Draw the weights into units of the first layer as pictures: orange speaks for the unit, blue against it."""
    return await sheet.show("units", 360, chart_data.units, services, checkpoint_id, first=first, count=count)


@chart(router, "/checkpoints/{checkpoint_id}/confusion")
@requires(Scope.READ)
async def checkpoint_confusion(checkpoint_id: str, sheet: ChartResponderDep, evaluations: EvaluationsDep) -> Response:
    """Draw how many test images of a digit were read as which."""
    evaluation = await evaluations.get(checkpoint_id)
    return await sheet.show("confusion", 480, chart_data.confusion, evaluation)
