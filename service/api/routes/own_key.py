"""The caller's own API key: a client can see what it may do before it tries."""

from dataclasses import asdict
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep, ServicesDep
from service.api.http.deprecation import mark_deprecated
from service.api.http.request_info import path_prefix
from service.api.schemas.own_key import LimitsOut, OwnKeyOut, UsageOut
from service.composition import Services
from service.domain.key import Caller, Scope
from service.domain.quotas import next_day

router = APIRouter(prefix="/v1", tags=["service"], route_class=GatedRoute)

#: Since when `/v1/me` replaces `/v1/key`.
REPLACED = datetime(2026, 11, 27, tzinfo=UTC)


@router.get("/me")
@requires(*Scope)
def get_me(caller: CallerDep, services: ServicesDep) -> OwnKeyOut:
    """Return the API key that sent this request: its scopes, its limits and quotas, and what it has used of them.

    A service that requires no key allows everything.
    """
    scopes = [scope for scope in Scope if scope in caller.scopes]
    limits = _limits(caller, services)
    if caller.id is None:
        return OwnKeyOut(id=None, name=caller.name, scopes=scopes, limits=limits)
    allowance, used = services.keys.allowance(caller.id)
    return OwnKeyOut(
        id=caller.id,
        name=caller.name,
        scopes=scopes,
        limits=limits,
        **asdict(allowance),
        used_today=UsageOut(jobs=used.jobs, core_minutes=round(used.core_minutes, 2)),
        quota_resets_at=next_day(datetime.now(UTC)),
    )


@router.get("/key", deprecated=True)
@requires(*Scope)
def get_own_key(caller: CallerDep, services: ServicesDep, response: Response) -> OwnKeyOut:
    """Return the same as `GET /v1/me`, which replaces it."""
    mark_deprecated(response, since=REPLACED, successor=f"{path_prefix.get()}/v1/me")
    return get_me(caller, services)


def _limits(caller: Caller, services: Services) -> LimitsOut:
    settings = services.settings
    return LimitsOut(
        requests_per_s=settings.resolved_max_requests_per_s or None,
        streams=settings.resolved_max_streams_per_key or None,
        queued_jobs=settings.max_queued_jobs_per_key if caller.id else settings.max_queued_jobs,
        queued_jobs_now=services.jobs.queued(caller.id),
        body_bytes=settings.max_body_bytes,
        upload_bytes=settings.max_upload_bytes,
    )
