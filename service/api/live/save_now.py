"""Saves a running job's current weights as a checkpoint: the request goes to its worker, and the API polls for it."""

import asyncio
import time

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.job import TERMINAL, Status
from service.errors import Conflict, WorkerTimeout
from service.store.idempotency import IdempotencyKey

#: Statuses in which no worker changes the weights: the last checkpoint has the current ones.
AT_REST = TERMINAL | {Status.PAUSED}

#: How long to wait for the worker, and the shortest and longest pause between polls (exponential backoff), in seconds.
TIMEOUT_S, POLL_S, LONGEST_POLL_S = 60.0, 0.02, 0.25


async def save_now(services: Services, job_id: str, key: IdempotencyKey | None) -> Checkpoint:
    """Return a checkpoint of the job's current weights; for a paused or finished job, the last that it saved.

    It waits on the event loop, not in a thread: many clients may wait for one worker that hangs.

    Raises:
        NotFound: There is no such job.
        InvalidTransition: The job has not started to train.
        Conflict: The job has ended without a checkpoint.
        WorkerTimeout: The worker did not save one in time.
    """
    if checkpoint := await asyncio.to_thread(_at_rest, services, job_id):
        return checkpoint
    request_id = await asyncio.to_thread(services.save_requests.create, job_id, key)
    deadline, pause_s = time.monotonic() + TIMEOUT_S, POLL_S
    while time.monotonic() < deadline:
        if checkpoint := await asyncio.to_thread(_saved, services, job_id, request_id):
            return checkpoint
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_POLL_S)
    raise WorkerTimeout(f"The worker of job {job_id!r} did not save within {TIMEOUT_S:g} seconds; retry later.")


def _saved(services: Services, job_id: str, request_id: str) -> Checkpoint | None:
    """Return the checkpoint of this request, or the job's last one if the worker ended before it read the request."""
    return services.save_requests.checkpoint(request_id) or _at_rest(services, job_id)


def _at_rest(services: Services, job_id: str) -> Checkpoint | None:
    if services.jobs.get(job_id).status not in AT_REST:
        return None
    if checkpoint := services.checkpoints.last_of(job_id):
        return checkpoint
    raise Conflict(f"The job {job_id!r} ended before it saved a checkpoint.")
