"""Health checks: whether the process is alive, and whether it is ready for requests."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import public
from service.api.dependencies import GateDep, ReadinessDep, ServicesDep, TrainerRunsDep
from service.api.live.readiness import DISK, OK, all_ready
from service.api.schemas.health import Liveness, Readiness, ReadinessStatus, TrainerState

#: What a caller without an API key reads in place of the details.
UNAVAILABLE = "unavailable; the service's log has the reason, and so has this answer with an API key"

router = APIRouter(prefix="/health", tags=["service"], route_class=GatedRoute)


@router.get("/live")
@public
def live() -> Liveness:
    """Answer if the process is alive."""
    return Liveness()


@router.get("/ready", responses={503: {"model": Readiness, "description": "The database or storage does not answer."}})
@public
async def ready(
    request: Request,
    response: Response,
    services: ServicesDep,
    readiness: ReadinessDep,
    gate: GateDep,
    trainer_runs: TrainerRunsDep,
) -> Readiness:
    """Check whether jobs and predictions can be accepted. Jobs are queued also while the trainer is starting.

    What is wrong in detail, with paths and addresses, is for callers with an API key, where keys are required.
    """
    states, free_bytes = await readiness.check(), services.disks.last_free_bytes
    if not all_ready(states):
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    if not gate.api_keys.knows(request.scope["headers"]):
        states = {name: state if state == OK else UNAVAILABLE for name, state in states.items()}
        free_bytes = None
    return Readiness(status=_status(states), trainer=_trainer_state(trainer_runs), disk_free_bytes=free_bytes, **states)


def _status(states: Mapping[str, str]) -> ReadinessStatus:
    if all_ready(states):
        return "ready" if states[DISK] == OK else "degraded"
    return "not_ready"


def _trainer_state(trainer_runs: Callable[[], bool] | None) -> TrainerState:
    if trainer_runs is None:
        return "elsewhere"
    return "running" if trainer_runs() else "starting"
