"""Models: names with numbered versions, and aliases that point at versions."""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import RegistryDep, ServicesDep, StoreThreadsDep
from service.api.fast_path.routes import segment
from service.api.http.body import body_of
from service.api.http.conditional import NOT_MODIFIED, tagged_response
from service.api.http.openapi import documented
from service.api.idempotency import JsonKey
from service.api.schemas.common import CHECKPOINT_ID
from service.api.schemas.models import AliasOut, AliasTarget, ModelOut, NewVersion, VersionOut
from service.domain.key import Scope
from service.errors import not_found_at

router = APIRouter(prefix="/v1/models", tags=["models"], route_class=GatedRoute)

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_REVISION = re.compile(r"\d{1,18}", re.ASCII)
IfMatch = Annotated[
    str | None, Header(description='The `etag` of the alias when you last read it; `"0"` if it did not exist.')
]


@router.get("")
@requires(Scope.READ)
def list_models(services: ServicesDep) -> dict[str, list[ModelOut]]:
    """List all models with their versions and aliases."""
    return {"data": [ModelOut.of(model) for model in services.models.all()]}


@router.get(f"/{segment('name')}", response_model=ModelOut, responses=NOT_MODIFIED)
@requires(Scope.READ, Scope.PREDICT)
def get_model(name: Name, request: Request, services: ServicesDep) -> Response:
    """Return one model. `digits` always exists. With `If-None-Match`, a model that has not changed is a 304."""
    return tagged_response(request, ModelOut.of(services.models.get(name)))


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
) -> VersionOut:
    """Load a checkpoint as the model's next version. An unpinned `live` moves to the best test accuracy."""
    with not_found_at("/checkpoint_id"):
        checkpoint = await run_in_threadpool(services.checkpoints.get, body.checkpoint_id)
    await store_threads.run(registry.load, checkpoint)  # an unreadable checkpoint must not become a version
    version = await run_in_threadpool(services.models.add_version, name, checkpoint.id, key)
    await store_threads.run(registry.refresh)
    return VersionOut.of(version)


@router.put("/{name}/aliases/{alias}", openapi_extra=documented(AliasTarget, version=1))
@requires(Scope.ADMIN)
async def point_alias(
    name: Name,
    alias: Name,
    body: Annotated[AliasTarget, Depends(body_of(AliasTarget))],
    response: Response,
    services: ServicesDep,
    registry: RegistryDep,
    store_threads: StoreThreadsDep,
    if_match: IfMatch = None,
) -> AliasOut:
    """Point an alias at a version and pin it there. `/v1/predict` uses the alias `live`."""
    revision = _revision(if_match)
    pointed = await run_in_threadpool(services.models.set_alias, name, alias, body.version, expected_revision=revision)
    await store_threads.run(registry.refresh)
    answer = AliasOut.of(pointed)
    response.headers["ETag"] = answer.etag
    return answer


@router.delete("/{name}/aliases/{alias}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.ADMIN)
async def remove_alias(
    name: Name,
    alias: Name,
    services: ServicesDep,
    registry: RegistryDep,
    store_threads: StoreThreadsDep,
    if_match: IfMatch = None,
) -> None:
    """Delete an alias. `live` follows the best test accuracy again."""
    await run_in_threadpool(services.models.remove_alias, name, alias, expected_revision=_revision(if_match))
    await store_threads.run(registry.refresh)


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().strip('"')
    return int(tag) if _REVISION.fullmatch(tag) else -1  # no alias ever had this tag: it matches none
