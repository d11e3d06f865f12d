"""Checkpoints: the weight list, listed, downloaded, uploaded, removed."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep, EvaluationsDep, ExporterDep, OwnCheckpoint, ServicesDep
from service.api.http.conditional import content_response
from service.api.schemas.evaluations import EvaluationOut
from service.api.schemas.resources import CheckpointOut, Page
from service.domain.config import resolve_network
from service.domain.key import Scope
from service.exports.exporter import Foreign
from service.storage.blobs import digest
from service.storage.weights import Format

router = APIRouter(prefix="/v1/checkpoints", tags=["checkpoints"], route_class=GatedRoute)

AnyFormat = Literal[Format, Foreign]  # one list, so that a wrong name is told of once

MEDIA_TYPES: dict[AnyFormat, str] = {
    "safetensors": "application/octet-stream",
    "npz": "application/zip",
    "keras": "application/zip",
    "onnx": "application/octet-stream",
    "savedmodel": "application/zip",
}

_NETWORK = '{"layers": [{"units": 512, "activation": "relu"}, {"units": 10, "activation": "softmax"}]}'


@router.get("")
@requires(Scope.READ)
def list_checkpoints(
    services: ServicesDep,
    job: Annotated[str | None, Query(description="Only this job's.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str | None, Query(description="The last id of the page before.")] = None,
) -> Page[CheckpointOut]:
    """List checkpoints, newest first."""
    found, has_more = services.checkpoints.page(job_id=job, limit=limit, after=after)
    return Page(data=[CheckpointOut.of(each) for each in found], has_more=has_more)


@router.get("/{checkpoint_id}")
@requires(Scope.READ)
def get_checkpoint(checkpoint_id: str, services: ServicesDep) -> CheckpointOut:
    """Look at one checkpoint."""
    return CheckpointOut.of(services.checkpoints.get(checkpoint_id))


@router.get(
    "/{checkpoint_id}/weights",
    response_class=Response,
    responses={
        200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()}},
        206: {"description": "The part that `Range` asked for."},
        304: {"description": "`If-None-Match` holds the ETag: nothing has changed."},
        416: {"description": "`Range` lies outside."},
    },
)
@requires(Scope.READ)
async def download_weights(
    checkpoint_id: str,
    request: Request,
    services: ServicesDep,
    exporter: ExporterDep,
    format: AnyFormat = "safetensors",  # noqa: A002  # the contract's name
) -> Response:
    """Download the weight list `[W0, b0, W1, b1, ...]`; the `ETag` is the SHA-256 of these bytes.

    `keras`, `onnx` and `savedmodel` (a zip of the folder) hold the whole network: other libraries run it.
    """
    checkpoint = await run_in_threadpool(services.checkpoints.get, checkpoint_id)
    match format:
        case "safetensors" | "npz":
            data = await run_in_threadpool(services.weights.export, checkpoint, format)
        case _:
            data = await exporter.export(checkpoint, format)
    suffix = "savedmodel.zip" if format == "savedmodel" else format
    disposition = f'attachment; filename="{checkpoint_id}.{suffix}"'
    return content_response(
        request,
        data,
        etag=await run_in_threadpool(digest, data),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": disposition},
    )


@router.get("/{checkpoint_id}/evaluation", response_model=EvaluationOut)
@requires(Scope.READ)
async def get_evaluation(checkpoint_id: str, request: Request, evaluations: EvaluationsDep) -> Response:
    """Tell how well a checkpoint reads its dataset's test images; worked out once, and kept."""
    data = await evaluations.get(checkpoint_id)
    return content_response(request, data, etag=digest(data), media_type="application/json", headers={})


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    openapi_extra={
        "requestBody": {"content": {"multipart/form-data": {"example": {"weights": "(a file)", "network": _NETWORK}}}}
    },
)
@requires(Scope.TRAIN)
def upload_checkpoint(
    response: Response,
    services: ServicesDep,
    caller: CallerDep,
    weights: Annotated[UploadFile, File(description="safetensors, or npz with W0, b0, W1, b1, ...")],
    network: Annotated[
        str | None,
        Form(description="The network as JSON, as in a job; a safetensors file of ours has it inside."),
    ] = None,
) -> CheckpointOut:
    """Upload a weight list. It is refused, with the layer and both shapes named, if it does not fit the network."""
    described = resolve_network(network, services.limits) if network is not None else None
    checkpoint = services.weights.upload(weights.file.read(), described, services.limits, created_by=caller.id)
    response.headers["Location"] = f"/v1/checkpoints/{checkpoint.id}"
    return CheckpointOut.of(checkpoint)


@router.delete("/{checkpoint_id}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.TRAIN)
def delete_checkpoint(checkpoint_id: OwnCheckpoint, services: ServicesDep) -> None:
    """Remove a checkpoint that no model version and no live job uses."""
    services.weights.delete(checkpoint_id)
