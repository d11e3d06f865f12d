"""Health checks: whether the process is alive, and whether it is ready for requests."""

from dataclasses import asdict
from http import HTTPStatus

from fastapi import APIRouter, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import public
from service.api.dependencies import ServicesDep, SupervisorDep
from service.api.schemas.health import Liveness, Readiness, TrainerState
from service.api.supervisor import Supervisor
from service.operations.readiness import check_readiness

router = APIRouter(prefix="/health", tags=["service"], route_class=GatedRoute)


@router.get("/live")
@public
def live() -> Liveness:
    """Answer if the process is alive."""
    return Liveness()


@router.get("/ready", responses={503: {"model": Readiness, "description": "The database or storage does not answer."}})
@public
def ready(response: Response, services: ServicesDep, supervisor: SupervisorDep) -> Readiness:
    """Check whether jobs and predictions can be accepted. Jobs are queued also while the trainer is starting."""
    report = check_readiness(services)
    if not report.is_ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    status = "ready" if report.is_ready else "not_ready"
    return Readiness(status=status, trainer=_trainer_state(supervisor), **asdict(report))


def _trainer_state(supervisor: Supervisor | None) -> TrainerState:
    if supervisor is None:
        return "elsewhere"
    return "running" if supervisor.running else "starting"
