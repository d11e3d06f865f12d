"""Teaching: a short job that adds a dataset to what the live network reads."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep, ServicesDep
from service.api.http.body import JsonObject
from service.api.http.request_info import origin
from service.api.idempotency import JsonKey
from service.api.queued import queued
from service.api.routes.datasets import Name
from service.api.schemas.jobs import TEACH_BODY, JobOut
from service.domain.config import JobConfig
from service.domain.key import Scope
from service.jobs.teaching import resolve_teaching

router = APIRouter(prefix="/v1/datasets", tags=["datasets"], route_class=GatedRoute)


def _resolved(name: Name, body: JsonObject, services: ServicesDep) -> JobConfig:
    return resolve_teaching(services, name, body)


@router.post("/{name}/teach", status_code=HTTPStatus.ACCEPTED, openapi_extra=TEACH_BODY)
@requires(Scope.TRAIN)
def teach_dataset(
    name: Name,  # noqa: ARG001  # the path of the route; `_resolved` uses it
    response: Response,
    config: Annotated[JobConfig, Depends(_resolved)],
    body: JsonObject,
    key: JsonKey,
    services: ServicesDep,
    caller: CallerDep,
) -> JobOut:
    """Queue a job of seconds that starts from the live network and trains on a mix of MNIST and this dataset.

    The job's `sets` show both: what was learned, and what was forgotten. Fields in the body override its configuration.
    """
    asked_by = replace(origin(), seed_drawn=body.get("seed") is None)
    return queued(services.jobs.create(config, key, caller=caller, origin=asked_by), response)
