"""Samples: pictures with labels that clients add to a dataset one by one."""

import hashlib
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep, InputLimitsDep, OwnDataset, ServicesDep, StoreThreadsDep
from service.api.http.body import body_of
from service.api.http.conditional import NOT_MODIFIED, content_response, tagged_response
from service.api.http.forms import is_form, read_form
from service.api.http.listing import PeriodDep, listing_of
from service.api.http.openapi import documented
from service.api.idempotency import Given, key_of
from service.api.routes.datasets import BINARY, Name, PrepareQuery
from service.api.schemas.common import Page
from service.api.schemas.datasets import SAMPLES_BODY, AddedSamplesOut, DatasetOut, SampleOut, SamplePatch
from service.domain.dataset import SAMPLE, Split
from service.domain.key import Scope
from service.domain.listing import Listing
from service.errors import NotFound
from service.inference.limits import InputLimits
from service.inference.pictures.report import PrepareOptions
from service.inference.requests.body import File
from service.inference.requests.labelled import LabelledPicture, read_labelled_files, read_labelled_json
from service.jobs import datasets
from service.jobs.datasets import collecting
from service.store.datasets.samples import SampleFilter

router = APIRouter(prefix="/v1/datasets/{name}/samples", tags=["datasets"], route_class=GatedRoute)


@router.post("", status_code=HTTPStatus.CREATED, openapi_extra=SAMPLES_BODY)
@requires(Scope.TRAIN)
async def add_samples(
    name: OwnDataset,
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: CallerDep,
    limits: InputLimitsDep,
    store_threads: StoreThreadsDep,
    prepare: PrepareQuery = "auto",
    idempotency_key: Given = None,
) -> AddedSamplesOut:
    """Add one or several pictures with their labels: all of them or none, as one new version of the dataset.

    They are prepared as those of predictions are; the original pictures are kept.
    """
    await run_in_threadpool(datasets.check_writable, services, name)  # before the pictures are read
    pictures, digest = await _read(request, limits, PrepareOptions(prepare=prepare))
    key = key_of(idempotency_key, caller, [name, prepare, digest])
    added, dataset = await store_threads.run_long(collecting.add_samples, services, name, pictures, key)
    itself = f"/v1/datasets/{name}/samples"
    response.headers["Location"] = f"{itself}/{added[0].id}" if len(added) == 1 else itself
    return AddedSamplesOut(data=[SampleOut.of(each, name) for each in added], dataset=DatasetOut.of(dataset))


@router.get("", response_model=Page[SampleOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
def list_samples(
    name: Name,
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of(SAMPLE)],
    created: PeriodDep,
    label: Annotated[int | None, Query(ge=0, le=9, description="Only samples of this digit.")] = None,
    split: Annotated[Split | None, Query(description="Only training or only test pictures.")] = None,
) -> Response:
    """List the samples of a dataset, newest first. The pictures of an uploaded file are not listed one by one."""
    which = SampleFilter(label=label, split=split, created=created)
    found, has_more = datasets.page_of_samples(services, name, listing, which)
    return tagged_response(request, Page[SampleOut].of([SampleOut.of(each, name) for each in found], has_more=has_more))


@router.get("/{sample_id}", response_model=SampleOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
def get_sample(name: Name, sample_id: str, request: Request, services: ServicesDep) -> Response:
    """Return one sample. With `If-None-Match`, one that has not changed is a 304."""
    return tagged_response(request, SampleOut.of(services.samples.get(name, sample_id), name))


@router.get(
    "/{sample_id}/original",
    response_class=Response,
    responses={200: {"content": {"image/*": BINARY}}, **NOT_MODIFIED},
)
@requires(Scope.READ)
async def get_original(
    name: Name, sample_id: str, request: Request, services: ServicesDep, store_threads: StoreThreadsDep
) -> Response:
    """Return the picture of a sample byte for byte as the client sent it."""
    sample = await run_in_threadpool(services.samples.get, name, sample_id)
    if sample.original is None:
        raise NotFound("original picture of the sample", sample_id)
    data = await store_threads.run(services.dataset_files.read_original, sample)
    suffix = sample.original.media_type.partition("/")[2]
    return content_response(
        request,
        data,
        etag=sample.original.sha256,
        media_type=sample.original.media_type,
        headers={"Content-Disposition": f'inline; filename="{sample_id}.{suffix}"'},
    )


@router.patch("/{sample_id}", openapi_extra=documented(SamplePatch, label=7))
@requires(Scope.TRAIN)
async def update_sample(
    name: OwnDataset,
    sample_id: str,
    patch: Annotated[SamplePatch, Depends(body_of(SamplePatch))],
    services: ServicesDep,
    store_threads: StoreThreadsDep,
) -> SampleOut:
    """Change the label of a sample, or whether it is trained or tested on; this makes a version of the dataset."""
    changed = await store_threads.run_long(
        collecting.change_sample, services, name, sample_id, label=patch.label, split=patch.split
    )
    return SampleOut.of(changed, name)


@router.delete("/{sample_id}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.TRAIN)
async def delete_sample(
    name: OwnDataset, sample_id: str, services: ServicesDep, store_threads: StoreThreadsDep
) -> None:
    """Remove a sample, and delete its original picture at once.

    Its 28×28 pixels stay for earlier versions until the dataset is deleted.
    """
    await store_threads.run_long(collecting.remove_sample, services, name, sample_id)


async def _read(request: Request, limits: InputLimits, options: PrepareOptions) -> tuple[list[LabelledPicture], str]:
    """Return the pictures of the body, and a digest of what the client sent."""
    if not is_form(request):
        body = await request.body()
        digest = hashlib.sha256(body)
        return await run_in_threadpool(read_labelled_json, body, limits, options), digest.hexdigest()
    form = await read_form(request, fields=("label", "split"), max_files=limits.max_instances)
    labels, splits = form.fields.get("label", []), form.fields.get("split", [])
    files = [File(data=each.file.read(), media_type=each.media_type, pointer=each.pointer) for each in form.files]
    digest = hashlib.sha256(repr([labels, splits]).encode())
    for each in files:
        digest.update(hashlib.sha256(each.data).digest())
    read = await run_in_threadpool(read_labelled_files, files, labels, splits, limits, options)
    return read, digest.hexdigest()
