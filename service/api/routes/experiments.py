"""Experiments: create, watch, extend, cancel and delete them, and read what they show."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.charts import experiments as chart_data
from service.api.charts import sweeps as sweep_data
from service.api.charts.response import ChartResponderDep, chart
from service.api.dependencies import BulkThreadDep, CallerDep, OwnExperiment, ServicesDep
from service.api.http.body import body_of
from service.api.http.conditional import NOT_MODIFIED, tagged_response
from service.api.http.languages import language_of
from service.api.http.listing import PeriodDep, listing_of
from service.api.http.openapi import documented
from service.api.http.request_info import origin
from service.api.idempotency import JsonKey
from service.api.routes.charts import Scale
from service.api.schemas.common import Page
from service.api.schemas.experiment_results import ExperimentResultOut
from service.api.schemas.experiments import ExperimentOut, PlanOut
from service.composition import Services
from service.domain.config import Monitor
from service.domain.experiment import Design, ExperimentStatus, MoreSeeds, NewExperiment
from service.domain.key import Scope
from service.domain.listing import Listing
from service.errors import Conflict
from service.jobs.experiments.design import resolve_experiment
from service.jobs.experiments.estimate import estimate
from service.jobs.experiments.results import result_of
from service.jobs.experiments.running import cancel_experiment, remove_experiment

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/v1/experiments", tags=["experiments"], route_class=GatedRoute)

SweepChart = Literal["effects", "best_so_far", "parallel"]
_SWEEPS: Mapping[SweepChart, Callable[..., Mapping[str, Any]]] = {
    "effects": sweep_data.effects,
    "best_so_far": sweep_data.best_so_far,
    "parallel": sweep_data.parallel,
}

_QUICK = {"epochs": 1, "batch_size": 256}
_EXAMPLES: dict[str, dict[str, Any]] = {
    "Two optimizers, eight seeds": {
        "name": "Adam or SGD",
        "arms": [
            {"name": "sgd", "config": _QUICK | {"optimizer": {"name": "sgd", "learning_rate": 0.1}}},
            {"name": "adam", "config": _QUICK | {"optimizer": {"name": "adam"}}},
        ],
        "seeds": 8,
        "baseline": "sgd",
    },
    "The seeds by name, and the best epoch by validation": {
        "arms": [
            {"name": "notebook", "config": _QUICK | {"validation_split": 0.1}},
            {"name": "accurate", "config": _QUICK | {"preset": "accurate", "validation_split": 0.1}},
        ],
        "seeds": [11, 12],
        "epoch": "best_validation",
        "margin": 0.001,
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/NewExperiment"},
                "examples": {name: {"value": value} for name, value in _EXAMPLES.items()},
            }
        },
    }
}
_PLANNED: dict[int | str, dict[str, Any]] = {
    200: {"model": PlanOut, "description": "With `validate_only`: what would be queued."}
}


def _design(new: Annotated[NewExperiment, Depends(body_of(NewExperiment))], services: ServicesDep) -> Design:
    return resolve_experiment(services, new)


@router.post("", status_code=HTTPStatus.ACCEPTED, response_model=ExperimentOut, responses=_PLANNED, openapi_extra=_BODY)
@requires(Scope.TRAIN)
def create_experiment(
    response: Response,
    new: Annotated[NewExperiment, Depends(body_of(NewExperiment))],
    design: Annotated[Design, Depends(_design)],
    key: JsonKey,
    services: ServicesDep,
    caller: CallerDep,
    *,
    validate_only: Annotated[bool, Query(description="Check the body, and return what would be queued.")] = False,
) -> ExperimentOut | Response:
    """Train every arm with the same seeds, to show whether one is better than another, or whether it was the seed.

    The jobs are ordinary jobs that start in pairs, and only when no other job is queued. With `validate_only` nothing
    is queued: the answer is a 200 with the resolved arms, the number of jobs, how long they would take, and the
    smallest difference that so many seeds can show.
    """
    if validate_only:
        planned = PlanOut.of(design, estimate(services, design))
        return Response(planned.model_dump_json(), media_type="application/json")
    experiment = services.experiments.create(design, key, name=new.name, caller=caller, origin=origin())
    logger.info("an experiment is queued", extra={"experiment_id": experiment.id, "jobs": design.jobs})
    response.headers["Location"] = f"/v1/experiments/{experiment.id}"
    return ExperimentOut.of(experiment)


@router.get("", response_model=Page[ExperimentOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
def list_experiments(
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of("exp")],
    created: PeriodDep,
    status: Annotated[ExperimentStatus | None, Query(description="Only experiments with this status.")] = None,
) -> Response:
    """List experiments, newest first."""
    found, has_more = services.experiments.page(listing, created=created, status=status)
    return tagged_response(request, Page[ExperimentOut].of(list(map(ExperimentOut.of, found)), has_more=has_more))


@router.get("/{experiment_id}", response_model=ExperimentOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
def get_experiment(experiment_id: str, request: Request, services: ServicesDep) -> Response:
    """Return one experiment, with the number of its jobs in each state."""
    return tagged_response(request, ExperimentOut.of(services.experiments.get(experiment_id)))


@router.get("/{experiment_id}/result", response_model=ExperimentResultOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
def get_experiment_result(experiment_id: str, request: Request, services: ServicesDep) -> Response:
    """Return what the experiment shows so far: a summary of each arm, and a verdict about each pair with a sentence.

    It is complete once the experiment has ended. Failed and missing jobs are counted and named, never left out.
    """
    language = language_of(request.headers.get("accept-language"))
    response = tagged_response(request, ExperimentResultOut.of(result_of(services, experiment_id), language))
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return response


@router.post("/{experiment_id}/cancel")
@requires(Scope.TRAIN)
async def cancel_an_experiment(
    experiment_id: OwnExperiment, services: ServicesDep, bulk_thread: BulkThreadDep
) -> ExperimentOut:
    """Cancel an experiment with its jobs that have not ended; what they have measured stays."""
    return ExperimentOut.of(await bulk_thread.run_long(cancel_experiment, services, experiment_id))


@router.delete("/{experiment_id}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.TRAIN)
async def delete_experiment(experiment_id: OwnExperiment, services: ServicesDep, bulk_thread: BulkThreadDep) -> None:
    """Delete an experiment that has ended, with all its jobs, their histories and their unused checkpoints."""
    await bulk_thread.run_long(remove_experiment, services, experiment_id)


@router.post(
    "/{experiment_id}/seeds",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=documented(MoreSeeds, add=2),
)
@requires(Scope.TRAIN)
def add_seeds(
    experiment_id: OwnExperiment,
    more: Annotated[MoreSeeds, Depends(body_of(MoreSeeds))],
    key: JsonKey,
    services: ServicesDep,
    caller: CallerDep,
) -> ExperimentOut:
    """Train every arm with more seeds. The result says that it was looked at before."""
    return ExperimentOut.of(
        services.experiments.add_seeds(experiment_id, more.add, key, caller=caller, origin=origin())
    )


@chart(router, "/{experiment_id}/dots")
@requires(Scope.READ)
async def experiment_dots(experiment_id: str, responder: ChartResponderDep, services: ServicesDep) -> Response:
    """Draw every run as a dot, the runs of a seed joined, with the interval of each arm and of each difference."""
    design = (await run_in_threadpool(services.experiments.get, experiment_id)).design
    return await responder.respond("dots", chart_data.dots_height(len(design.arms)), _dots, services, experiment_id)


@chart(router, "/{experiment_id}/curve")
@requires(Scope.READ)
async def experiment_curve(
    experiment_id: str,
    responder: ChartResponderDep,
    services: ServicesDep,
    figure: Annotated[
        Monitor | None, Query(description="The metric to draw at each epoch; by default that of the experiment.")
    ] = None,
    scale_of_loss: Scale = "linear",
) -> Response:
    """Draw the mean of each arm by epoch, with the band of its 95 % confidence interval."""
    log = scale_of_loss == "log"
    return await responder.respond("groups", 380, chart_data.curves, services, experiment_id, figure, log=log)


@chart(router, "/{experiment_id}/sweep")
@requires(Scope.READ)
async def experiment_sweep(
    experiment_id: str,
    responder: ChartResponderDep,
    services: ServicesDep,
    figure: Annotated[
        SweepChart,
        Query(description="A curve of each field, the best arm so far, or all arms as parallel coordinates."),
    ] = "effects",
) -> Response:
    """Draw what a sweep shows. An experiment without a sweep has no such chart: that is a 409."""
    return await responder.respond(figure, 380, _of_sweep, services, experiment_id, figure)


def _of_sweep(services: Services, experiment_id: str, figure: SweepChart) -> Mapping[str, Any]:
    result = result_of(services, experiment_id)
    if not result.experiment.design.sweep:
        raise Conflict("The experiment has arms of its own, and no sweep; draw its dots.")
    return _SWEEPS[figure](result.analysis, result.experiment.design.values)


def _dots(services: Services, experiment_id: str) -> Mapping[str, Any]:
    return chart_data.dots(result_of(services, experiment_id).analysis)
