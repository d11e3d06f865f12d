"""The weights of a job's or a checkpoint's network, as a picture of the network needs them."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import LiveWeightsDep, RegistryDep, StoreThreadsDep
from service.api.http.conditional import NOT_MODIFIED, content_response
from service.api.schemas.networks import NetworkWeightsOut, UnitWeightsOut
from service.domain.config import LARGEST_INTEGER
from service.domain.key import Scope
from service.inference.answers.network_weights import MOST, pictures, shown_layers, unit_weights
from service.inference.answers.registry import LoadedModel
from service.storage.blobs import digest

router = APIRouter(prefix="/v1", route_class=GatedRoute)

Most = Annotated[int, Query(ge=1, le=100, description="The largest number of units to show of a layer.")]
WithPictures = Annotated[
    bool, Query(alias="pictures", description="Return the weights into each shown unit of the first layer, too.")
]
Number = Annotated[int, Path(ge=0, le=LARGEST_INTEGER, description="Counted from 0.")]


@router.get("/jobs/{job_id}/network", tags=["jobs"], response_model=NetworkWeightsOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
async def job_network(
    job_id: str,
    request: Request,
    live_weights: LiveWeightsDep,
    *,
    most: Most = MOST,
    with_pictures: WithPictures = False,
) -> Response:
    """Return a job's newest weights between some units of each layer, also while it trains.

    Training does not slow down. With `If-None-Match`, weights that have not changed are a 304.
    """
    model = await live_weights.newest(job_id)
    return await run_in_threadpool(_network, request, model, most, with_pictures=with_pictures)


@router.get(
    "/jobs/{job_id}/network/{layer}/{unit}", tags=["jobs"], response_model=UnitWeightsOut, responses=NOT_MODIFIED
)
@requires(Scope.READ)
async def job_unit(
    job_id: str, layer: Number, unit: Number, request: Request, live_weights: LiveWeightsDep
) -> Response:
    """Return all of a job's newest weights into one unit, also while it trains."""
    model = await live_weights.newest(job_id)
    return await run_in_threadpool(_unit, request, model, layer, unit)


@router.get(
    "/checkpoints/{checkpoint_id}/network",
    tags=["checkpoints"],
    response_model=NetworkWeightsOut,
    responses=NOT_MODIFIED,
)
@requires(Scope.READ)
async def checkpoint_network(
    checkpoint_id: str,
    request: Request,
    registry: RegistryDep,
    store_threads: StoreThreadsDep,
    *,
    most: Most = MOST,
    with_pictures: WithPictures = False,
) -> Response:
    """Return a checkpoint's weights between some units of each layer."""
    model = await store_threads.run(registry.by_checkpoint, checkpoint_id)
    return await run_in_threadpool(_network, request, model, most, with_pictures=with_pictures)


@router.get(
    "/checkpoints/{checkpoint_id}/network/{layer}/{unit}",
    tags=["checkpoints"],
    response_model=UnitWeightsOut,
    responses=NOT_MODIFIED,
)
@requires(Scope.READ)
async def checkpoint_unit(
    checkpoint_id: str,
    layer: Number,
    unit: Number,
    request: Request,
    registry: RegistryDep,
    store_threads: StoreThreadsDep,
) -> Response:
    """Return all of a checkpoint's weights into one unit."""
    model = await store_threads.run(registry.by_checkpoint, checkpoint_id)
    return await run_in_threadpool(_unit, request, model, layer, unit)


def _network(request: Request, model: LoadedModel, most: int, *, with_pictures: bool) -> Response:
    network = model.network
    found = {"layers": shown_layers(network, most), "pictures": pictures(network, most) if with_pictures else None}
    return _response(request, model, found)


def _unit(request: Request, model: LoadedModel, layer: int, unit: int) -> Response:
    return _response(request, model, unit_weights(model.network, layer, unit))


def _response(request: Request, model: LoadedModel, found: dict[str, Any]) -> Response:
    source = {"job_id": model.job_id, "checkpoint_id": model.checkpoint_id, "step": model.step}
    data = orjson.dumps({**source, **found})  # NaN and infinity become null
    return content_response(request, data, etag=digest(data), media_type="application/json", headers={})
