"""The caller's own API key: a client can see what it may do before it tries."""

from fastapi import APIRouter

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep
from service.api.schemas.own_key import OwnKeyOut
from service.domain.key import Scope

router = APIRouter(prefix="/v1/key", tags=["service"], route_class=GatedRoute)


@router.get("")
@requires(*Scope)
async def get_own_key(caller: CallerDep) -> OwnKeyOut:
    """Return the API key that sent this request, with its scopes. A service that requires no key allows everything."""
    return OwnKeyOut(id=caller.id, name=caller.name, scopes=[scope for scope in Scope if scope in caller.scopes])
