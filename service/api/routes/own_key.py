"""The caller's own API key: a client can see what it may do before it tries."""

from dataclasses import asdict
from datetime import UTC, datetime

from fastapi import APIRouter

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep, ServicesDep
from service.api.schemas.own_key import OwnKeyOut, UsageOut
from service.domain.key import Scope
from service.domain.quotas import next_day

router = APIRouter(prefix="/v1/key", tags=["service"], route_class=GatedRoute)


@router.get("")
@requires(*Scope)
def get_own_key(caller: CallerDep, services: ServicesDep) -> OwnKeyOut:
    """Return the API key that sent this request, with its scopes, its quotas and what it has used of them today.

    A service that requires no key allows everything.
    """
    scopes = [scope for scope in Scope if scope in caller.scopes]
    if caller.id is None:
        return OwnKeyOut(id=None, name=caller.name, scopes=scopes)
    allowance, used = services.keys.allowance(caller.id)
    return OwnKeyOut(
        id=caller.id,
        name=caller.name,
        scopes=scopes,
        **asdict(allowance),
        used_today=UsageOut(jobs=used.jobs, core_minutes=round(used.core_minutes, 2)),
        quota_resets_at=next_day(datetime.now(UTC)),
    )
