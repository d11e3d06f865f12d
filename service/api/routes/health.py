"""Whether the process lives, and whether it can take work."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from service.api.access.gate import GatedRoute
from service.api.access.scopes import public
from service.api.dependencies import ServicesDep, SupervisorDep
from service.api.supervisor import Supervisor
from service.composition import Services

router = APIRouter(prefix="/health", tags=["service"], route_class=GatedRoute)


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Readiness(BaseModel):
    """What each part that work needs says of itself; `ok`, or what is wrong."""

    status: Literal["ready", "not_ready"]
    database: str
    storage: str
    trainer: Literal["running", "starting", "elsewhere"]


@router.get("/live")
@public
def live() -> Liveness:
    """Answer, if the process can."""
    return Liveness()


@router.get("/ready", responses={503: {"model": Readiness, "description": "It cannot take work now."}})
@public
def ready(response: Response, services: ServicesDep, supervisor: SupervisorDep) -> Readiness:
    """Tell whether jobs are taken and predictions answered; a trainer that starts keeps nobody from queueing."""
    checks = _checks(services)
    all_well = _all_well(checks)
    if not all_well:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Readiness(status="ready" if all_well else "not_ready", trainer=_trainer(supervisor), **checks)


def is_ready(services: Services) -> bool:
    """Whether every part that work needs says that it works."""
    return _all_well(_checks(services))


def _checks(services: Services) -> dict[str, str]:
    return {"database": _check(services.database.ping), "storage": _check(services.blobs.ping)}


def _all_well(checks: dict[str, str]) -> bool:
    return all(result == "ok" for result in checks.values())


def _check(ping: Callable[[], None]) -> str:
    try:
        ping()
    except Exception as error:  # noqa: BLE001  # whatever it is, the answer is that this part does not work
        return f"{type(error).__name__}: {error}"
    return "ok"


def _trainer(supervisor: Supervisor | None) -> Literal["running", "starting", "elsewhere"]:
    if supervisor is None:
        return "elsewhere"
    return "running" if supervisor.running else "starting"
