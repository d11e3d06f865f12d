"""Jobs: create, list, change, pause, resume, fork, cancel and delete training runs."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.rate_limits import rate_limit_key
from service.api.access.scopes import requires
from service.api.dependencies import BulkThreadDep, CallerDep, OwnJob, ServicesDep, StoreThreadsDep, state_of
from service.api.http.body import JsonObject, body_of
from service.api.http.conditional import NOT_MODIFIED, check_unchanged, tagged_response
from service.api.http.deprecation import mark_deprecated
from service.api.http.listing import MAX_LIMIT, PeriodDep, listing_of
from service.api.http.openapi import documented
from service.api.http.request_info import origin, path_prefix
from service.api.idempotency import JsonKey, PathKey
from service.api.job_filter import ChosenJobs, JobFilterDep
from service.api.live.save_now import save_now
from service.api.queued import queued
from service.api.schemas.checkpoints import CheckpointOut
from service.api.schemas.common import Page
from service.api.schemas.jobs import CONFIG_BODY, FORK_BODY, METADATA_FILTER, ChangedJobsOut, JobOut, ValidatedJobOut
from service.composition import Services
from service.domain.config import JobConfig
from service.domain.job import Job
from service.domain.key import Scope
from service.domain.listing import Listing
from service.domain.patch import JobPatch
from service.jobs import bulk
from service.jobs.configurations import resolve_fork, resolve_new
from service.jobs.estimate import estimate
from service.jobs.removal import remove_job
from service.store.jobs.filters import JOB_SORTS
from service.store.models.checkpoints import CHECKPOINT_SORTS

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=GatedRoute)

#: Since when `/v1/jobs/validate` replaces `?validate_only=true`.
VALIDATE_REPLACED = datetime(2026, 11, 27, tzinfo=UTC)

#: The longest time that a request waits for another status, in seconds.
MAX_WAIT_S = 60.0
_PREFERRED_WAIT = re.compile(r"\bwait=(\d{1,6})\b", re.ASCII)  # RFC 7240

BulkLimit = Annotated[
    int, Query(ge=1, le=MAX_LIMIT, description="The largest number of jobs to change; repeat while `has_more` is true.")
]
IfMatch = Annotated[
    str | None, Header(description="The job's `ETag` when you last read it: change it only if it is the same.")
]


def _resolved(body: JsonObject, services: ServicesDep) -> JobConfig:
    return resolve_new(services, body)


def _forked(job_id: str, body: JsonObject, services: ServicesDep) -> JobConfig:
    return resolve_fork(services, job_id, body)


def _seed_drawn(body: JsonObject) -> bool:
    """Return whether the service draws the seed of a new job."""
    return body.get("seed") is None


def _seed_of_fork_drawn(job_id: str, body: JsonObject, services: ServicesDep) -> bool:
    """Return whether the seed of a fork is a drawn one: its own, or that of the job it continues."""
    return body["seed"] is None if "seed" in body else services.jobs.get(job_id).origin.seed_drawn


async def _wait(
    wait: Annotated[
        float | None, Query(ge=0, le=MAX_WAIT_S, description="How long to wait for another status, in seconds.")
    ] = None,
    prefer: Annotated[str | None, Header(description="`wait=30` is the same as the query parameter.")] = None,
) -> float:
    """Return how long a client wants to wait, in seconds."""
    preferred = _PREFERRED_WAIT.search(prefer or "")
    return wait if wait is not None else min(float(preferred[1]), MAX_WAIT_S) if preferred else 0.0


async def _wait_for_status(request: Request, services: Services, job_id: str, wait_s: float) -> None:
    state = state_of(request)
    streams, client = state["stream_limits"], rate_limit_key(request.scope["state"]["caller"], request)
    streams.check(client)
    heads = await run_in_threadpool(services.events.heads, [job_id])
    with streams.opened(client), suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            if head := heads.get(job_id):
                await state["event_hub"].wait_for_status(job_id, head)


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobOut,
    openapi_extra=CONFIG_BODY,
)
@requires(Scope.TRAIN)
def create_job(
    response: Response,
    config: Annotated[JobConfig, Depends(_resolved)],
    seed_drawn: Annotated[bool, Depends(_seed_drawn)],
    key: JsonKey,
    services: ServicesDep,
    caller: CallerDep,
    *,
    validate_only: Annotated[bool, Query(deprecated=True, description="Use `validate_job`.")] = False,
) -> JobOut | Response:
    """Create a job and queue it. The body `{}` trains the notebook's network with the notebook's hyperparameters.

    Deprecated: with `?validate_only=true` the answer is a 200 with the configuration, as `validate_job` has it.
    """
    if validate_only:
        checked = Response(config.model_dump_json(), media_type="application/json")
        mark_deprecated(checked, since=VALIDATE_REPLACED, successor=f"{path_prefix.get()}/v1/jobs/validate")
        return checked
    job = services.jobs.create(config, key, caller=caller, origin=replace(origin(), seed_drawn=seed_drawn))
    return queued(job, response)


@router.post("/validate", openapi_extra=CONFIG_BODY)
@requires(Scope.TRAIN)
def validate_job(config: Annotated[JobConfig, Depends(_resolved)], services: ServicesDep) -> ValidatedJobOut:
    """Check the body of a new job. Return the configuration that it would have, and its duration. No job is created.

    `estimate` is no field of a job: leave it out to send the configuration as the body of a job.
    """
    return ValidatedJobOut.of(config, estimate(services, config.model_dump(mode="json")))


@router.get("", response_model=Page[JobOut], responses=NOT_MODIFIED, openapi_extra=METADATA_FILTER)
@requires(Scope.READ)
def list_jobs(
    request: Request,
    job_filter: JobFilterDep,
    listing: Annotated[Listing, listing_of("job", *JOB_SORTS)],
    services: ServicesDep,
) -> Response:
    """List jobs, newest first. Filter by id, status, group, experiment, time of creation or `metadata[key]=value`.

    A job without the value that the list is sorted by, such as `finished_at`, counts as the lowest.
    """
    jobs, has_more = services.jobs.page(job_filter, listing)
    return tagged_response(request, Page[JobOut].of(list(map(JobOut.of, jobs)), has_more=has_more))


@router.post("/cancel", openapi_extra=METADATA_FILTER)
@requires(Scope.TRAIN)
async def cancel_jobs(
    services: ServicesDep,
    job_filter: ChosenJobs,
    bulk_thread: BulkThreadDep,
    limit: BulkLimit = MAX_LIMIT,
) -> ChangedJobsOut:
    """Cancel all jobs that match and have not ended: the caller's own, or with the scope `admin` those of all keys.

    At least one of the filters is required: `id`, `status`, `group`, `experiment`, `metadata[key]`, `created_after`,
    `created_before`.
    """
    return ChangedJobsOut.of(await bulk_thread.run_long(bulk.cancel_jobs, services, job_filter, limit=limit))


@router.delete("", openapi_extra=METADATA_FILTER)
@requires(Scope.TRAIN)
async def delete_jobs(
    services: ServicesDep,
    job_filter: ChosenJobs,
    bulk_thread: BulkThreadDep,
    limit: BulkLimit = MAX_LIMIT,
) -> ChangedJobsOut:
    """Delete all jobs that match and have ended, as `cancel` finds them, with histories and unused checkpoints."""
    return ChangedJobsOut.of(await bulk_thread.run_long(bulk.remove_jobs, services, job_filter, limit=limit))


@router.get("/{job_id}", response_model=JobOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
async def get_job(
    job_id: str, request: Request, services: ServicesDep, wait_s: Annotated[float, Depends(_wait)]
) -> Response:
    """Return one job. With `If-None-Match`, a job that has not changed is a 304.

    With `wait`, the answer comes when the job's status changes, at once if it has ended, and at last after that time.
    """
    if wait_s:
        await _wait_for_status(request, services, job_id, wait_s)
    job = await run_in_threadpool(services.jobs.get, job_id)
    response = tagged_response(request, JobOut.of(job))
    if wait_s and "prefer" in request.headers:
        response.headers["Preference-Applied"] = f"wait={wait_s:g}"
    return response


@router.patch(
    "/{job_id}",
    response_model=JobOut,
    openapi_extra=documented(JobPatch, name="slower", optimizer={"learning_rate": 0.01}),
)
@requires(Scope.TRAIN)
def update_job(
    job_id: OwnJob,
    patch: Annotated[JobPatch, Depends(body_of(JobPatch))],
    request: Request,
    services: ServicesDep,
    if_match: IfMatch = None,
) -> Response:
    """Change a job's name and metadata, or its learning rate and momentum while it trains.

    The event `change` contains the first step with the new values.
    """
    return tagged_response(request, JobOut.of(services.jobs.update(job_id, patch, check=_precondition(if_match))))


@router.post("/{job_id}/pause")
@requires(Scope.TRAIN)
def pause_job(job_id: OwnJob, services: ServicesDep) -> JobOut:
    """Pause a job: it saves a checkpoint and frees its worker. Resuming continues from the same step."""
    return JobOut.of(services.jobs.apply(job_id, "pause"))


@router.post("/{job_id}/resume")
@requires(Scope.TRAIN)
def resume_job(job_id: OwnJob, services: ServicesDep) -> JobOut:
    """Resume a paused job."""
    return JobOut.of(services.jobs.apply(job_id, "resume"))


@router.post("/{job_id}/fork", status_code=HTTPStatus.ACCEPTED, openapi_extra=FORK_BODY)
@requires(Scope.TRAIN)
def fork_job(
    job_id: str,
    response: Response,
    config: Annotated[JobConfig, Depends(_forked)],
    seed_drawn: Annotated[bool, Depends(_seed_of_fork_drawn)],
    key: JsonKey,
    services: ServicesDep,
    caller: CallerDep,
) -> JobOut:
    """Create a job from this one's last checkpoint or `init_from`. Fields in the body override its configuration."""
    asked_by = replace(origin(), seed_drawn=seed_drawn)
    return queued(services.jobs.create(config, key, parent_id=job_id, caller=caller, origin=asked_by), response)


@router.post("/{job_id}/cancel")
@requires(Scope.TRAIN)
def cancel_job(job_id: OwnJob, services: ServicesDep) -> JobOut:
    """Cancel a job: at once if it waits, soon if it trains. A cancelled job stays cancelled."""
    return JobOut.of(services.jobs.cancel(job_id))


@router.delete("/{job_id}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.TRAIN)
async def delete_job(job_id: OwnJob, services: ServicesDep, store_threads: StoreThreadsDep) -> None:
    """Delete a finished job, its history, and its checkpoints that no model version uses."""
    await store_threads.run(remove_job, services, job_id)


@router.get("/{job_id}/checkpoints", tags=["checkpoints"], response_model=Page[CheckpointOut], responses=NOT_MODIFIED)
@requires(Scope.READ)
def list_job_checkpoints(
    job_id: str,
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of("ckpt", *CHECKPOINT_SORTS)],
    created: PeriodDep,
) -> Response:
    """List a job's checkpoints, newest first."""
    services.jobs.get(job_id)
    found, has_more = services.checkpoints.page(listing, job_id=job_id, created=created)
    return tagged_response(request, Page[CheckpointOut].of(list(map(CheckpointOut.of, found)), has_more=has_more))


@router.post("/{job_id}/checkpoints", tags=["checkpoints"], status_code=HTTPStatus.CREATED)
@requires(Scope.TRAIN)
async def save_checkpoint(job_id: OwnJob, response: Response, services: ServicesDep, key: PathKey) -> CheckpointOut:
    """Save a checkpoint now, also while the job trains. A finished job returns its last checkpoint."""
    checkpoint = await save_now(services, job_id, key)
    response.headers["Location"] = f"/v1/checkpoints/{checkpoint.id}"
    return CheckpointOut.of(checkpoint)


def _precondition(if_match: str | None) -> Callable[[Job], None] | None:
    if if_match is None:
        return None
    return lambda job: check_unchanged(if_match, JobOut.of(job), f"job {job.id!r}")
