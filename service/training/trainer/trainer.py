"""The trainer: claims queued jobs, starts a worker for each, and recovers the jobs of lost workers."""

import contextlib
import logging
import math
import threading
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

from service.composition import Services
from service.domain.claims import Claim
from service.domain.ids import new_id
from service.domain.job import LIVE, Failure
from service.errors import ServiceError, Unavailable
from service.store.operations.trainers import HEARTBEAT_S
from service.training.failures import DISK_FULL_STATUS, ended_processes, lost_worker, never_started, released_worker
from service.training.processes import have_ended, this_process
from service.training.trainer import hopeless_arms
from service.training.trainer.availability import Availability
from service.training.trainer.executors import Executor
from service.training.trainer.leases import Leases
from service.training.trainer.starting import StartingWorkers
from service.training.trainer.sweeper import Sweeper
from service.training.worker.trainer_watch import WORKERS_SHARE

logger = logging.getLogger(__name__)

#: A part that can be away, as log lines name it.
DATABASE = "database"

#: Seconds until the next try after an error, which is most often an unavailable database.
PAUSE_AFTER_ERROR_S = 1.0

#: Seconds without a claim after a worker found a full disk. It may need more than `min_free_bytes`, or a quota may
#: limit it: then each attempt fails, but only now and then.
PAUSE_AFTER_FULL_DISK_S = 10.0

#: The pause between two claims of one trainer, in seconds: the others claim in it, and get their share of the queue.
PAUSE_AFTER_CLAIM_S = 0.2

#: The number of heartbeat checks in the time after which a silent worker counts as lost.
CHECKS_PER_TIMEOUT = 10


class Trainer:
    """Starts a worker for each queued job until it is stopped.

    Args:
        services: The stores and the settings.
        executor: Runs the workers.
    """

    def __init__(self, services: Services, executor: Executor) -> None:
        settings = services.settings
        self._services, self._executor = services, executor
        self._leases = Leases(timeout_s=settings.worker_timeout_s, probe=services.claims.probe)
        self._availability = Availability(
            {DATABASE: services.claims.probe, "checkpoint store": services.blobs.ping, "disk": services.disks.check}
        )
        self._sweeper = Sweeper(services, after_s=settings.sweep_after_s)
        self._starting = StartingWorkers(services)
        self._ended: dict[Claim, int | None] = {}
        self._process = this_process()
        self._id = new_id("trainer")
        self._register_at = self._check_at = self._claim_at = -math.inf

    def run(self, stopped: threading.Event) -> None:
        """Poll the queue until *stopped* is set; then let the workers save, and requeue their jobs.

        Threads of their own sweep the checkpoint store and poll experiments: a slow store delays no claim.
        """
        threading.Thread(target=self._sweeper.run, args=(stopped,), daemon=True, name="sweeper").start()
        watching = (self._services, stopped)
        threading.Thread(target=hopeless_arms.watch, args=watching, daemon=True, name="experiments").start()
        while not stopped.wait(self._services.settings.poll_interval_s):
            try:
                self.poll()
                self._register()
            except Unavailable as error:  # the workers train on or wait, and their heartbeats cannot arrive
                self._availability.report(DATABASE, error)
                self._leases.forget()
                stopped.wait(PAUSE_AFTER_ERROR_S)
            except Exception:
                logger.exception("polling the queue failed; it is tried again in %g s", PAUSE_AFTER_ERROR_S)
                stopped.wait(PAUSE_AFTER_ERROR_S)
        self._stop_workers()
        with contextlib.suppress(ServiceError):  # another trainer recovers the jobs when their heartbeats time out
            self._recover_lost_workers()
            self._services.trainers.remove(self._id)

    def poll(self) -> None:
        """Recover lost workers, and start workers for queued jobs."""
        self._recover_lost_workers()
        if self._availability.is_outage:
            self._availability.check()
        elif self._has_room() and self._services.claims.are_waiting() and self._availability.check():
            self._claim()

    def _has_room(self) -> bool:
        """Return whether this trainer can start a worker at once; a job that has to wait may be another trainer's."""
        is_free = self._executor.room() > 0 and not self._starting.is_slow
        return is_free and time.monotonic() >= self._claim_at

    def _claim(self) -> None:
        """Claim one job, if there is one, and start its worker; the next poll but a few claims another."""
        settings = self._services.settings
        claim = self._services.claims.acquire(max_running=settings.max_running_jobs_in_all, process=self._process)
        if claim is None:
            return
        logger.info("starting a worker", extra=self._log_context(claim))
        self._starting.add(claim)
        try:
            self._executor.start(claim)  # a fork server that has died is started again, and imports TensorFlow first
        except Exception:
            self._starting.stop(claim)
            raise
        finally:
            self._claim_at = time.monotonic() + PAUSE_AFTER_CLAIM_S

    def _stop_workers(self) -> None:
        self._executor.terminate()
        deadline = time.monotonic() + WORKERS_SHARE * self._services.settings.shutdown_grace_s
        while self._executor.running() and time.monotonic() < deadline:
            time.sleep(self._services.settings.poll_interval_s)
            self._ended |= dict(self._executor.ended())
        self._executor.kill()
        self._starting.stop_all()

    def _register(self) -> None:
        """Show that this trainer runs: by its pulse file, and from time to time by its row in the database."""
        if pulse := self._services.settings.pulse_file:
            pulse.touch()
        if time.monotonic() >= self._register_at:
            self._register_at = time.monotonic() + HEARTBEAT_S
            with contextlib.suppress(ServiceError):  # the next registration makes up for it
                cluster = self._executor.cluster()
                if cluster:
                    cluster = replace(cluster, pending_jobs=self._starting.count)
                self._services.trainers.heartbeat(self._id, workers=self._executor.running(), cluster=cluster)
                self._services.failure_counts.save()

    def _recover_lost_workers(self) -> None:
        """Requeue or fail the jobs of workers that have ended, and from time to time of workers without a heartbeat."""
        self._ended |= dict(self._executor.ended())
        for claim, exit_code in list(self._ended.items()):
            if reason := released_worker(exit_code):
                status = self._services.claims.release(claim, reason=reason)
                logger.info("a worker has released its job, which is %s", status, extra=self._log_context(claim))
                if exit_code == DISK_FULL_STATUS:
                    self._claim_at = time.monotonic() + PAUSE_AFTER_FULL_DISK_S
            else:
                self._requeue(claim, lost_worker(exit_code))
            del self._ended[claim]  # only after success: with the database unavailable, the next poll tries again
        if time.monotonic() >= self._check_at:
            self._check_at = time.monotonic() + self._services.settings.worker_timeout_s / CHECKS_PER_TIMEOUT
            self._recover_silent_workers()

    def _recover_silent_workers(self) -> None:
        """Requeue the jobs of workers whose lease has ended, or which are known to have ended with their trainer."""
        leases = self._services.claims.leases()
        self._starting.hand_over(leases)
        heartbeats = {claim: lease.heartbeat_at for claim, lease in leases.items()}
        for claim in self._leases.lost(heartbeats, now=time.monotonic()):
            if leases[claim].has_worker or not leases[claim].processes:
                self._requeue(claim, lost_worker(None), last_heartbeat=heartbeats[claim])
            else:
                self._services.claims.release(claim, reason=never_started())
                self._executor.abandon(claim)
        data_dir = self._services.settings.data_dir
        for claim, lease in leases.items():
            if not have_ended(lease, data_dir=data_dir):
                continue
            if lease.has_worker:
                self._requeue(claim, ended_processes(), last_heartbeat=lease.heartbeat_at)
            else:  # only its trainer was killed, and the job cannot be the reason
                self._services.claims.release(claim, reason=ended_processes())

    def _requeue(self, claim: Claim, failure: Failure, *, last_heartbeat: datetime | None = None) -> None:
        """Put a lost worker's job back into the queue; fail it if it has no attempts left, or exceeded its memory."""
        can_retry = failure.code != "out_of_memory"  # another attempt would need as much memory
        status = self._services.claims.reclaim(
            claim,
            max_attempts=self._services.settings.max_attempts if can_retry else 0,
            failure=failure,
            last_heartbeat=last_heartbeat,
        )
        if status not in LIVE:
            self._executor.abandon(claim)
        logger.info("a worker has ended; its job is %s", status, extra=self._log_context(claim))

    def _log_context(self, claim: Claim) -> dict[str, Any]:
        """Return the claim and, if it is known, the id of the request that queued the job, for a log line."""
        with contextlib.suppress(ServiceError):  # the line is written even if the job was deleted
            if request_id := self._services.jobs.get(claim.job_id).origin.request_id:
                return {**vars(claim), "request_id": request_id}
        return vars(claim)
