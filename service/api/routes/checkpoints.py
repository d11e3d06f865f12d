"""Checkpoints: list, download, evaluate, upload and delete weight lists."""

import hashlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import IO, Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import (
    CallerDep,
    EvaluationsDep,
    ExporterDep,
    OwnCheckpoint,
    ServicesDep,
    StoreThreadsDep,
)
from service.api.http.conditional import NOT_MODIFIED, StoredContent, content_response, is_current, tagged_response
from service.api.http.listing import PeriodDep, listing_of
from service.api.idempotency import Given, key_of
from service.api.schemas.checkpoints import CheckpointOut
from service.api.schemas.common import Page
from service.api.schemas.evaluations import EvaluationOut
from service.domain.config import resolve_network
from service.domain.key import Caller, Scope
from service.domain.listing import Listing
from service.exports.exporter import Foreign
from service.storage.blobs import digest, parts
from service.storage.verified_file import VerifiedFile
from service.store.idempotency import IdempotencyKey
from service.store.models.checkpoints import CHECKPOINT_SORTS

router = APIRouter(prefix="/v1/checkpoints", tags=["checkpoints"], route_class=GatedRoute)

AnyFormat = Literal["safetensors", Foreign]  # one flat list: a union of two would report a wrong name twice

MEDIA_TYPES: dict[AnyFormat, str] = {
    "safetensors": "application/octet-stream",
    "npz": "application/zip",
    "keras": "application/zip",
    "onnx": "application/octet-stream",
    "savedmodel": "application/zip",
}

#: How much of an uploaded file is in memory at a time, in bytes.
_PIECE_BYTES = 1 << 20

_NETWORK = '{"layers": [{"units": 512, "activation": "relu"}, {"units": 10, "activation": "softmax"}]}'


@router.get("", response_model=Page[CheckpointOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
def list_checkpoints(
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of("ckpt", *CHECKPOINT_SORTS)],
    created: PeriodDep,
    job: Annotated[str | None, Query(description="Only the checkpoints of this job.")] = None,
) -> Response:
    """List checkpoints, newest first. One without the value that the list is sorted by counts as the lowest."""
    found, has_more = services.checkpoints.page(listing, job_id=job, created=created)
    return tagged_response(request, Page[CheckpointOut].of(list(map(CheckpointOut.of, found)), has_more=has_more))


@router.get("/{checkpoint_id}", response_model=CheckpointOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
def get_checkpoint(checkpoint_id: str, request: Request, services: ServicesDep) -> Response:
    """Return one checkpoint. With `If-None-Match`, one that has not changed is a 304."""
    return tagged_response(request, CheckpointOut.of(services.checkpoints.get(checkpoint_id)))


@router.get(
    "/{checkpoint_id}/weights",
    response_class=Response,
    responses={
        200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()}},
        206: {"description": "The requested `Range`."},
        304: {"description": "`If-None-Match` contains the current ETag."},
        416: {"description": "`Range` lies outside of the file."},
    },
)
@requires(Scope.READ)
async def download_weights(
    checkpoint_id: str,
    request: Request,
    services: ServicesDep,
    exporter: ExporterDep,
    store_threads: StoreThreadsDep,
    format: Annotated[AnyFormat, Query(description="The format of the file.")] = "safetensors",  # noqa: A002  # the contract's name
) -> Response:
    """Download the weight list `[W0, b0, W1, b1, ...]`; the `ETag` is the SHA-256 of these bytes.

    The formats `keras`, `onnx` and `savedmodel` (a zipped folder) contain the whole network, for other libraries.
    """
    checkpoint, blobs = await run_in_threadpool(services.checkpoints.get, checkpoint_id), services.blobs
    if format == "safetensors":
        file = VerifiedFile(blobs, checkpoint.weights_blob, size=checkpoint.bytes, sha256=checkpoint.sha256)
        if not is_current(request, file.sha256):
            await store_threads.run_long(file.prepare, whole="range" not in request.headers)
    else:
        name = await exporter.export(checkpoint, format)
        file = await store_threads.run_long(VerifiedFile.measured, blobs, name)

    async def pieces(first: int, end: int) -> AsyncIterator[bytes]:
        for start, stop in parts(first, end):
            yield await store_threads.run(file.read, start, stop)

    suffix = "savedmodel.zip" if format == "savedmodel" else format
    return content_response(
        request,
        StoredContent(size=file.size, pieces=pieces),
        etag=file.sha256,
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{checkpoint_id}.{suffix}"'},
    )


@router.get("/{checkpoint_id}/evaluation", response_model=EvaluationOut)
@requires(Scope.READ)
async def get_evaluation(
    checkpoint_id: str,
    request: Request,
    evaluations: EvaluationsDep,
    dataset: Annotated[
        str | None, Query(max_length=64, description="Another dataset to evaluate on, at its newest version.")
    ] = None,
) -> Response:
    """Evaluate a checkpoint on the test set of its job's dataset: once, as the result is stored. Or on another one."""
    data = await evaluations.get(checkpoint_id, dataset=dataset)
    return content_response(request, data, etag=digest(data), media_type="application/json", headers={})


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    openapi_extra={
        "requestBody": {"content": {"multipart/form-data": {"example": {"weights": "(a file)", "network": _NETWORK}}}}
    },
)
@requires(Scope.TRAIN)
async def upload_checkpoint(
    response: Response,
    services: ServicesDep,
    caller: CallerDep,
    store_threads: StoreThreadsDep,
    weights: Annotated[UploadFile, File(description="A safetensors, npz, .keras, HDF5 or ONNX file.")],
    network: Annotated[
        str | None,
        Form(description="The network as JSON. Not needed with safetensors of this service, .keras or ONNX."),
    ] = None,
    idempotency_key: Given = None,
) -> CheckpointOut:
    """Upload a weight list. If a layer does not fit the network, the error names it and both shapes."""
    described = resolve_network(network, services.limits) if network is not None else None
    key = await store_threads.run_long(_key_of_upload, idempotency_key, caller, weights.file, network)
    checkpoint = await store_threads.run_long(
        services.weights.upload, weights.file, described, services.limits, created_by=caller.id, key=key
    )
    response.headers["Location"] = f"/v1/checkpoints/{checkpoint.id}"
    return CheckpointOut.of(checkpoint)


def _key_of_upload(given: str | None, caller: Caller, file: IO[bytes], network: str | None) -> IdempotencyKey | None:
    if given is None:
        return None
    sha256 = hashlib.sha256()  # of the file: the form around it has another boundary each time
    while piece := file.read(_PIECE_BYTES):
        sha256.update(piece)
    file.seek(0)
    return key_of(given, caller, [sha256.hexdigest(), network])


@router.delete("/{checkpoint_id}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.TRAIN)
async def delete_checkpoint(
    checkpoint_id: OwnCheckpoint, services: ServicesDep, store_threads: StoreThreadsDep
) -> None:
    """Delete a checkpoint that no model version and no unfinished job uses."""
    await store_threads.run(services.weights.delete, checkpoint_id)
