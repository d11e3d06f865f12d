"""Asks a running job's worker for its weights as they are now, and waits until they are saved."""

import asyncio
import time

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.job import TERMINAL, Status
from service.errors import Conflict, WorkerTimeout

#: Where a job's last checkpoint is its weights as they are.
AT_REST = TERMINAL | {Status.PAUSED}

#: How long to wait for a worker, how soon to look first, and how seldom at last, in seconds.
TIMEOUT_S, POLL_S, LONGEST_POLL_S = 60.0, 0.02, 0.25


async def save_now(services: Services, job_id: str) -> Checkpoint:
    """The job's weights as they are now; of a job that is paused or finished, the last that it saved.

    No thread waits for the worker: one that hangs may have many who ask.

    Raises:
        NotFound: There is no such job.
        InvalidTransition: It has not started to train.
        Conflict: It has finished and saved none.
        WorkerTimeout: Its worker did not answer.
    """
    if checkpoint := await asyncio.to_thread(_at_rest, services, job_id):
        return checkpoint
    request_id = await asyncio.to_thread(services.workers.request_save, job_id)
    deadline, pause_s = time.monotonic() + TIMEOUT_S, POLL_S
    while time.monotonic() < deadline:
        if checkpoint := await asyncio.to_thread(_answer, services, job_id, request_id):
            return checkpoint
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_POLL_S)
    raise WorkerTimeout(f"The training process of {job_id!r} did not save its weights within {TIMEOUT_S:g} seconds.")


def _answer(services: Services, job_id: str, request_id: str) -> Checkpoint | None:
    """What the worker saved, or left where it came to its end before it read the request."""
    return services.workers.saved(request_id) or _at_rest(services, job_id)


def _at_rest(services: Services, job_id: str) -> Checkpoint | None:
    if services.jobs.get(job_id).status not in AT_REST:
        return None
    if checkpoint := services.checkpoints.last_of(job_id):
        return checkpoint
    raise Conflict(f"The job {job_id!r} ended before it saved any weights.")
