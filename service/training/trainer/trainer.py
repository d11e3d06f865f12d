"""The trainer: takes queued jobs, starts a worker for each, and sees to those that are lost."""

import contextlib
import logging
import math
import threading
import time
from datetime import datetime
from typing import Any, Protocol

from service.composition import Services
from service.domain.claims import Claim
from service.domain.ids import new_id
from service.errors import ServiceError
from service.store.operations.trainers import HEARTBEAT_S
from service.training.failures import lost
from service.training.heartbeat import BEATS_PER_TIMEOUT, Heartbeat
from service.training.trainer.leases import Leases
from service.training.trainer.sweeper import Sweeper

logger = logging.getLogger(__name__)

#: How long to leave alone a database that did not answer, in seconds.
PAUSE_AFTER_ERROR_S = 1.0

#: How often it listens for workers within the silence after which one counts as lost.
LISTENS_PER_TIMEOUT = 10

#: The share of the grace in which workers are to save and go when the trainer is stopped.
WORKERS_SHARE = 0.75


class Executor(Protocol):
    """Where workers run: this machine's processes, or a cluster."""

    def start(self, claim: Claim) -> None:
        """Start a worker on a job."""

    def ended(self) -> list[tuple[Claim, int | None]]:
        """The workers that have ended since the last call, with their exit codes where they are known."""

    def running(self) -> int:
        """How many are at work."""

    def terminate(self) -> None:
        """Ask all to save and go."""

    def kill(self) -> None:
        """End those that did not."""


class Trainer:
    """Hands jobs to workers until it is told to stop.

    Args:
        services: What it works with.
        executor: Where workers run.
    """

    def __init__(self, services: Services, executor: Executor) -> None:
        settings, workers = services.settings, services.workers
        self._services, self._executor = services, executor
        self._leases = Leases(timeout_s=settings.worker_timeout_s, probe=workers.probe)
        self._sweeper = Sweeper(services.blobs, services.checkpoints, after_s=settings.sweep_after_s)
        self._gone: dict[Claim, int | None] = {}
        self._id, self._show_at, self._listen_at = new_id("trainer"), -math.inf, -math.inf

    def run(self, stopped: threading.Event) -> None:
        """Look for jobs until *stopped*, then have the workers save and hand theirs back."""
        while not stopped.wait(self._services.settings.poll_interval_s):
            try:
                self.tick()
                self._show()
            except Exception:  # the database may be away for a while: what trains goes on, and so do we
                logger.exception("the queue could not be looked at")
                stopped.wait(PAUSE_AFTER_ERROR_S)
        self._executor.terminate()
        deadline = time.monotonic() + WORKERS_SHARE * self._services.settings.shutdown_grace_s
        while self._executor.running() and time.monotonic() < deadline:
            time.sleep(self._services.settings.poll_interval_s)
            self._gone |= dict(self._executor.ended())
        self._executor.kill()
        with contextlib.suppress(ServiceError):  # whoever comes next finds them silent
            self._see_to_the_lost()
            self._services.trainers.remove(self._id)

    def tick(self) -> None:
        """One look: at workers that ended, at those that are silent, and at the queue."""
        self._see_to_the_lost()
        self._sweeper.sweep(now=time.monotonic())
        settings = self._services.settings
        while claim := self._services.workers.claim(max_running=settings.max_running_jobs):
            logger.info("a worker is started", extra=self._about(claim))
            heart = Heartbeat(self._services, claim, interval_s=settings.worker_timeout_s / BEATS_PER_TIMEOUT)
            heart.start()  # the first start waits for TensorFlow: that is no worker's silence
            try:
                self._executor.start(claim)
            finally:
                heart.stop()

    def _show(self) -> None:
        if pulse := self._services.settings.pulse_file:
            pulse.touch()
        if time.monotonic() >= self._show_at:
            self._show_at = time.monotonic() + HEARTBEAT_S
            with contextlib.suppress(ServiceError):  # the next time says it all
                self._services.trainers.heartbeat(self._id, workers=self._executor.running())
                self._services.failure_counts.save()

    def _see_to_the_lost(self) -> None:
        self._gone |= dict(self._executor.ended())
        for claim, exit_code in list(self._gone.items()):
            self._hand_back(claim, exit_code)
            del self._gone[claim]  # only now: a database that is away must not make us forget it
        if time.monotonic() >= self._listen_at:
            self._listen_at = time.monotonic() + self._services.settings.worker_timeout_s / LISTENS_PER_TIMEOUT
            self._see_to_the_silent()

    def _see_to_the_silent(self) -> None:
        heartbeats = self._services.workers.heartbeats()
        for claim in self._leases.lost(heartbeats, now=time.monotonic()):
            self._hand_back(claim, None, last_heartbeat=heartbeats[claim])

    def _hand_back(self, claim: Claim, exit_code: int | None, *, last_heartbeat: datetime | None = None) -> None:
        failure = lost(exit_code)  # another attempt would need as much memory again
        status = self._services.workers.reclaim(
            claim,
            max_attempts=0 if failure.code == "out_of_memory" else self._services.settings.max_attempts,
            failure=failure,
            last_heartbeat=last_heartbeat,
        )
        logger.info("a worker is gone; its job is %s", status, extra=self._about(claim))

    def _about(self, claim: Claim) -> dict[str, Any]:
        """What a line says of a worker: its claim, and the request that queued its job where that is known."""
        with contextlib.suppress(ServiceError):  # a deleted job, or a database that is away, costs no line
            if request_id := self._services.jobs.get(claim.job_id).origin.request_id:
                return {**vars(claim), "request_id": request_id}
        return vars(claim)
