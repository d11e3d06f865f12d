"""What happened in each of a job's first steps, for jobs with `record_steps`."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import ServicesDep
from service.api.schemas.steps import RecordedStep, RecordedSteps
from service.domain.config import LARGEST_INTEGER
from service.domain.key import Scope

router = APIRouter(prefix="/v1/jobs", tags=["history"], route_class=GatedRoute)


@router.get("/{job_id}/steps", operation_id="list_recorded_steps")
@requires(Scope.READ)
def list_steps(job_id: str, services: ServicesDep) -> RecordedSteps:
    """Return the numbers of the recorded steps, in order; none if the job has `record_steps: 0`."""
    return RecordedSteps(data=services.steps.numbers(job_id))


@router.get(
    "/{job_id}/steps/{step}",
    operation_id="get_recorded_step",
    response_model_exclude_unset=True,
)
@requires(Scope.READ)
def get_step(job_id: str, step: Annotated[int, Path(ge=1, le=LARGEST_INTEGER)], services: ServicesDep) -> RecordedStep:
    """Return one training step: the batch, its predictions and losses, the gradients and the update."""
    return RecordedStep.of(services.steps.get(job_id, step))
