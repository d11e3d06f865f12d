"""Models: names with numbered versions, and aliases that point at versions."""

import re
from http import HTTPStatus
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import RegistryDep, RegistryRefreshDep, ServicesDep, StoreThreadsDep
from service.api.fast_path.routes import segment
from service.api.http.body import body_of
from service.api.http.conditional import NOT_MODIFIED, tagged_response
from service.api.http.listing import PeriodDep, listing_of
from service.api.http.openapi import documented
from service.api.idempotency import JsonKey
from service.api.schemas.common import CHECKPOINT_ID, Page
from service.api.schemas.models import AliasOut, AliasTarget, ModelOut, NewVersion, VersionOut
from service.domain.config import LARGEST_INTEGER
from service.domain.key import Scope
from service.domain.listing import Listing, page_of
from service.domain.model import accuracy_key
from service.errors import not_found_at

router = APIRouter(prefix="/v1/models", tags=["models"], route_class=GatedRoute)

_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
Name = Annotated[str, Path(pattern=f"^{_MODEL_NAME.pattern}$")]
_NAME, _NUMBER = attrgetter("name"), attrgetter("version")
_REVISION = re.compile(r"\d{1,18}", re.ASCII)
IfMatch = Annotated[
    str | None, Header(description='The `etag` of the alias when you last read it; `"0"` if it did not exist.')
]


def _model_cursor(name: str | None) -> str | None:
    if name and not _MODEL_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a model; send the last name of the previous page.")
    return name


def _version_cursor(number: str | None) -> str | None:
    if number and not _REVISION.fullmatch(number):
        raise ValueError(f"{number!r} is no number of a version; send the last number of the previous page.")
    return number


@router.get("", response_model=Page[ModelOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
def list_models(
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of(_model_cursor, "name", limit=None, order="asc")],
) -> Response:
    """List models with their versions and aliases; without `limit` all of them."""
    found, has_more = page_of(services.models.all(), listing, id_of=_NAME)
    page = Page[ModelOut].of(list(map(ModelOut.of, found)), has_more=has_more, name=_NAME)
    return tagged_response(request, page)


@router.get(f"/{segment('name')}", response_model=ModelOut, responses=NOT_MODIFIED)
@requires(Scope.READ, Scope.PREDICT)
def get_model(name: Name, request: Request, services: ServicesDep) -> Response:
    """Return one model. `digits` always exists. With `If-None-Match`, a model that has not changed is a 304."""
    return tagged_response(request, ModelOut.of(services.models.get(name)))


@router.get("/{name}/versions", response_model=Page[VersionOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
def list_versions(
    name: Name,
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of(_version_cursor, "version", "test_accuracy")],
    created: PeriodDep,
) -> Response:
    """List a model's versions, newest first. Versions without a test accuracy count as the lowest."""
    versions = [each for each in services.models.get(name).versions if created.contains(each.created_at)]
    found, has_more = page_of(versions, listing, id_of=_NUMBER, read_id=int, keys={"test_accuracy": accuracy_key})
    page = Page[VersionOut].of(list(map(VersionOut.of, found)), has_more=has_more, name=_NUMBER)
    return tagged_response(request, page)


@router.post(
    "/{name}/versions",
    status_code=HTTPStatus.CREATED,
    openapi_extra=documented(NewVersion, checkpoint_id=CHECKPOINT_ID),
)
@requires(Scope.ADMIN)
async def add_version(
    name: Name,
    body: Annotated[NewVersion, Depends(body_of(NewVersion))],
    key: JsonKey,
    services: ServicesDep,
    registry: RegistryDep,
    store_threads: StoreThreadsDep,
    refresh: RegistryRefreshDep,
) -> VersionOut:
    """Load a checkpoint as the model's next version. An unpinned `live` moves to the best test accuracy."""
    with not_found_at("/checkpoint_id"):
        checkpoint = await run_in_threadpool(services.checkpoints.get, body.checkpoint_id)
    await store_threads.run(registry.load, checkpoint)  # an unreadable checkpoint must not become a version
    version = await run_in_threadpool(services.models.add_version, name, checkpoint.id, key)
    await refresh.after_change()
    return VersionOut.of(version)


@router.delete(f"/{{name}}/versions/{segment('version')}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.ADMIN)
async def delete_version(
    name: Name,
    version: Annotated[int, Path(ge=1, le=LARGEST_INTEGER)],
    services: ServicesDep,
    refresh: RegistryRefreshDep,
) -> None:
    """Delete a version that no alias points at. Its checkpoint stays, and can be deleted then."""
    await run_in_threadpool(services.models.delete_version, name, version)
    await refresh.after_change()


@router.delete(f"/{segment('name')}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.ADMIN)
async def delete_model(name: Name, services: ServicesDep, refresh: RegistryRefreshDep) -> None:
    """Delete a model with its versions, unless a client has set an alias of it; `digits` always exists."""
    await run_in_threadpool(services.models.delete, name)
    await refresh.after_change()


@router.put("/{name}/aliases/{alias}", openapi_extra=documented(AliasTarget, version=1))
@requires(Scope.ADMIN)
async def point_alias(
    name: Name,
    alias: Name,
    body: Annotated[AliasTarget, Depends(body_of(AliasTarget))],
    response: Response,
    services: ServicesDep,
    refresh: RegistryRefreshDep,
    if_match: IfMatch = None,
) -> AliasOut:
    """Point an alias at a version and pin it there. `/v1/predict` uses the alias `live`."""
    revision = _revision(if_match)
    pointed = await run_in_threadpool(services.models.set_alias, name, alias, body.version, expected_revision=revision)
    await refresh.after_change()
    answer = AliasOut.of(pointed)
    response.headers["ETag"] = answer.etag
    return answer


@router.delete("/{name}/aliases/{alias}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.ADMIN)
async def remove_alias(
    name: Name,
    alias: Name,
    services: ServicesDep,
    refresh: RegistryRefreshDep,
    if_match: IfMatch = None,
) -> None:
    """Delete an alias. `live` follows the best test accuracy again."""
    await run_in_threadpool(services.models.remove_alias, name, alias, expected_revision=_revision(if_match))
    await refresh.after_change()


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().strip('"')
    return int(tag) if _REVISION.fullmatch(tag) else -1  # no alias ever had this tag: it matches none
