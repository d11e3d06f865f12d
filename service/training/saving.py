"""Asks a running job's worker for its weights as they are now, and waits until they are saved."""

import time

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.job import TERMINAL, Status
from service.errors import Conflict, WorkerTimeout

#: Where a job's last checkpoint is its weights as they are.
AT_REST = TERMINAL | {Status.PAUSED}

#: How long to wait for a worker, and how often to look.
TIMEOUT_S, POLL_S = 60.0, 0.02


def save_now(services: Services, job_id: str) -> Checkpoint:
    """The job's weights as they are now; of a job that is paused or finished, the last that it saved.

    Raises:
        NotFound: There is no such job.
        InvalidTransition: It has not started to train.
        Conflict: It has finished and saved none.
        WorkerTimeout: Its worker did not answer.
    """
    if services.jobs.get(job_id).status in AT_REST:
        return _last(services, job_id)
    request_id = services.workers.request_save(job_id)
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if checkpoint := services.workers.saved(request_id):
            return checkpoint
        if services.jobs.get(job_id).status in AT_REST:  # it came to its end before it read the request
            return _last(services, job_id)
        time.sleep(POLL_S)
    raise WorkerTimeout(f"The training process of {job_id!r} did not save its weights within {TIMEOUT_S:g} seconds.")


def _last(services: Services, job_id: str) -> Checkpoint:
    if checkpoint := services.checkpoints.last_of(job_id):
        return checkpoint
    raise Conflict(f"The job {job_id!r} ended before it saved any weights.")
