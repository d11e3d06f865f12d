"""Datasets: MNIST, files of the operator, and the datasets that clients upload or collect."""

import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from operator import attrgetter
from tempfile import TemporaryFile
from typing import IO, Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ValidationError
from starlette.background import BackgroundTask

import naivenet
from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import (
    CallerDep,
    DatasetsThreadDep,
    InputLimitsDep,
    OwnDataset,
    ServicesDep,
    StoreThreadsDep,
)
from service.api.http.body import json_object
from service.api.http.conditional import NOT_MODIFIED, StoredContent, content_response, is_current, tagged_response
from service.api.http.forms import Form, is_form, read_form
from service.api.http.listing import PeriodDep, listing_of
from service.api.idempotency import Given, key_of
from service.api.schemas.common import Page
from service.api.schemas.datasets import DATASET_BODY, DatasetOut, DatasetVersionOut, NewDataset
from service.domain.config import LARGEST_INTEGER
from service.domain.dataset import NAME_PATTERN
from service.domain.key import Caller, Creator, Scope
from service.domain.listing import Listing, page_of
from service.domain.validation import invalid_input
from service.inference.pictures.report import Prepare, PrepareOptions
from service.jobs import datasets
from service.jobs.datasets import collecting
from service.jobs.datasets.exporting import ExportFormat, export
from service.jobs.datasets.reading import UploadedFile, read_upload
from service.storage.blobs import parts
from service.storage.dataset_files import as_dataset

router = APIRouter(prefix="/v1/datasets", tags=["datasets"], route_class=GatedRoute)

Name = Annotated[str, Path(pattern=NAME_PATTERN, max_length=64)]
Number = Annotated[
    int | None, Query(ge=1, le=LARGEST_INTEGER, description="A version of the dataset; the newest unless given.")
]
PrepareQuery = Annotated[Prepare, Query(description="Whether to prepare the pictures, as for predictions.")]
_NAME, _NUMBER = attrgetter("name"), attrgetter("version")
BINARY = {"schema": {"type": "string", "format": "binary"}}
_MAX_FILES = 4  # the IDX files of a dataset
_DIGITS = re.compile(r"\d{1,15}", re.ASCII)


def _name_cursor(name: str | None) -> str | None:
    if name and not re.fullmatch(NAME_PATTERN, name):
        raise ValueError(f"{name!r} is no name of a dataset; send the last name of the previous page.")
    return name


def _version_cursor(number: str | None) -> str | None:
    if number and not _DIGITS.fullmatch(number):
        raise ValueError(f"{number!r} is no number of a version; send the last number of the previous page.")
    return number


@router.get("", response_model=Page[DatasetOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
async def list_datasets(
    request: Request,
    services: ServicesDep,
    store_threads: StoreThreadsDep,
    listing: Annotated[Listing, listing_of(_name_cursor, "name", limit=None, order="asc")],
) -> Response:
    """List datasets, each at its newest version; without `limit` all of them."""
    everything = await store_threads.run_long(datasets.find_all, services)
    found, has_more = page_of(everything, listing, id_of=_NAME)
    page = Page[DatasetOut].of(list(map(DatasetOut.of, found)), has_more=has_more, name=_NAME)
    return tagged_response(request, page)


@router.post("", status_code=HTTPStatus.CREATED, openapi_extra=DATASET_BODY)
@requires(Scope.TRAIN)
async def create_dataset(
    request: Request,
    response: Response,
    services: ServicesDep,
    caller: CallerDep,
    limits: InputLimitsDep,
    store_threads: StoreThreadsDep,
    datasets_thread: DatasetsThreadDep,
    prepare: PrepareQuery = "auto",
    idempotency_key: Given = None,
) -> DatasetOut:
    """Make a dataset of an uploaded file, or an empty one to collect samples in.

    A file is npz, a zip of labelled folders of pictures, CSV in MNIST's layout, or the IDX files of Fashion-MNIST.
    """
    arrays, content = None, None
    if is_form(request):
        form = await read_form(request, fields=NewDataset.model_fields, max_files=_MAX_FILES)
        new = _new({name: form.value(name) for name in form.fields})
        options = PrepareOptions(prepare=prepare)
        arrays = await datasets_thread.run_long(
            read_upload, _uploaded(form), services.datasets.limits, limits, test_share=new.test_share, options=options
        )
        content = await store_threads.run_long(naivenet.datasets.digest, as_dataset(arrays))
    else:
        new = _new(await json_object(request))
    key = key_of(idempotency_key, caller, [new.name, prepare, content])
    created = await store_threads.run_long(
        collecting.create, services, new.name, arrays=arrays, created_by=_creator(caller), key=key
    )
    response.headers["Location"] = f"/v1/datasets/{created.name}"
    return DatasetOut.of(created)


@router.get("/{name}", response_model=DatasetOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
async def get_dataset(
    name: Name, request: Request, services: ServicesDep, store_threads: StoreThreadsDep, version: Number = None
) -> Response:
    """Return one dataset. With `If-None-Match`, one that has not changed is a 304."""
    found = await store_threads.run_long(datasets.find, services, name, version)
    return tagged_response(request, DatasetOut.of(found))


@router.get("/{name}/versions", response_model=Page[DatasetVersionOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
def list_dataset_versions(
    name: Name,
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of(_version_cursor, "version")],
    created: PeriodDep,
) -> Response:
    """List a dataset's versions, newest first. MNIST and files of the operator have none."""
    everything = [
        each for each in datasets.versions(services, name) if each.created_at and created.contains(each.created_at)
    ]
    found, has_more = page_of(everything, listing, id_of=_NUMBER, read_id=int)
    page = Page[DatasetVersionOut].of(list(map(DatasetVersionOut.of, found)), has_more=has_more, name=_NUMBER)
    return tagged_response(request, page)


@router.get(
    "/{name}/export",
    response_class=Response,
    responses={
        200: {"content": {"application/zip": BINARY}},
        **NOT_MODIFIED,
    },
)
@requires(Scope.READ)
async def export_dataset(
    name: Name,
    request: Request,
    services: ServicesDep,
    store_threads: StoreThreadsDep,
    datasets_thread: DatasetsThreadDep,
    format: Annotated[ExportFormat, Query(description="`npz`, or a zip of labelled folders.")] = "npz",  # noqa: A002  # the contract's name
    version: Number = None,
) -> Response:
    """Download a dataset as a file that an upload reads again, picture for picture."""
    found = await store_threads.run_long(datasets.find, services, name, version)
    etag, media_type = f"{found.digest}-{format}", "application/zip"
    suffix = "" if found.version is None else f"-{found.version}"
    headers = {"Content-Disposition": f'attachment; filename="{name}{suffix}.{format}"'}
    if is_current(request, etag):
        return content_response(request, b"", etag=etag, media_type=media_type, headers=headers)
    file = TemporaryFile()  # noqa: SIM115  # closed after the response
    size = await datasets_thread.run_long(export, services, found, format, file)

    async def pieces(first: int, end: int) -> AsyncIterator[bytes]:
        for start, stop in parts(first, end):
            yield await store_threads.run(_read_part, file, start, stop)

    content = StoredContent(size=size, pieces=pieces)
    response = content_response(request, content, etag=etag, media_type=media_type, headers=headers)
    response.background = BackgroundTask(file.close)
    return response


@router.delete("/{name}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.TRAIN)
async def delete_dataset(name: OwnDataset, services: ServicesDep, store_threads: StoreThreadsDep) -> None:
    """Delete a dataset that no unfinished job uses, with all its versions and samples."""
    await store_threads.run_long(collecting.delete, services, name)


def _read_part(file: IO[bytes], first: int, end: int) -> bytes:
    file.seek(first)
    return file.read(end - first)


def _new(body: dict[str, object]) -> NewDataset:
    try:
        return NewDataset.model_validate(body)
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False), body, kind=NewDataset) from error


def _uploaded(form: Form) -> list[UploadedFile]:
    return [UploadedFile(name=each.name, pointer=each.pointer, file=each.file) for each in form.files]


def _creator(caller: Caller) -> Creator | None:
    return Creator(id=caller.id, name=caller.name) if caller.id is not None else None
