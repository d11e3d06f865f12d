"""The worker process: trains one job. The only part of the service that runs naivenet's training."""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import nullcontext

from service.composition import compose_worker
from service.domain.claims import Claim, ClaimLost
from service.domain.job import Failure
from service.errors import Unavailable
from service.operations import logs, tracing
from service.settings import load_settings
from service.store.jobs.worker import WorkerStore
from service.training.failures import DISK_FULL_STATUS, UNAVAILABLE_STATUS, UNEXPECTED, failure_of
from service.training.heartbeat import BEATS_PER_TIMEOUT, Heartbeat
from service.training.process_locks import lock_held
from service.training.processes import this_process
from service.training.worker.memory_limit import MemoryLimit
from service.training.worker.run import Run
from service.training.worker.trainer_watch import WORKERS_SHARE, TrainerWatch

logger = logging.getLogger(__name__)


def work(job_id: str, attempt: int, environment: Mapping[str, str] | None = None) -> None:
    """Train a job in this process, and report how it ended.

    Args:
        job_id: The job.
        attempt: The fencing token: once a later attempt exists, this one writes nothing more.
        environment: Environment variables of this job alone: a fork server keeps those of its start.
    """
    os.environ.update(environment or {})
    if environment is not None:
        os.setpgrp()  # Ray kills the process group of its worker, and this process must save first
    released = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: released.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the trainer decides what its workers do
    settings = load_settings()
    log_context: dict[str, str | int | None] = {"job_id": job_id, "attempt": attempt, "request_id": None}
    logs.set_up(settings.log_level, settings.log_format, context=lambda: log_context)
    if hasattr(os, "nice"):
        os.nice(settings.worker_nice)
    TrainerWatch(released, grace_s=WORKERS_SHARE * settings.shutdown_grace_s).start()
    MemoryLimit(settings.resolved_max_job_bytes).start()
    services, claim = compose_worker(settings), Claim(job_id=job_id, attempt=attempt)
    tracer = tracing.start("worker")  # after the fork: its thread must run in this process
    try:
        with lock_held(settings.data_dir, this_process()):
            Heartbeat(services, claim, interval_s=settings.worker_timeout_s / BEATS_PER_TIMEOUT).start()
            run = Run(services, claim, released=released.is_set, tracing=tracer)
            log_context["request_id"] = run.job.origin.request_id
            _train(run, claim, tracer)
    except ClaimLost as error:
        logger.warning("%s", error)
    except Exception as error:  # noqa: BLE001  # every failure must be reported, or the job would seem to train on
        failure = failure_of(error)
        _log_failure(failure, error)
        _report_failure(services.workers, claim, failure, error)
    finally:
        if tracer:
            tracer.close()
        with contextlib.suppress(Unavailable):
            services.failure_counts.save()
        services.close()


def _train(run: Run, claim: Claim, tracer: tracing.Tracing | None) -> None:
    logger.info("training begins")
    span = tracer.span("train", parent=run.job.origin.traceparent, **vars(claim)) if tracer else nullcontext()
    with span:
        run.train()
    logger.info("training is over")


def _log_failure(failure: Failure, error: Exception) -> None:
    if failure.code in UNEXPECTED:
        logger.error("training failed", exc_info=error)
        return
    outcome = "the job is released" if isinstance(error, Unavailable) else "training failed"
    logger.warning("%s: %s", outcome, failure.message, extra={"code": failure.code})  # the code says enough


def _report_failure(workers: WorkerStore, claim: Claim, failure: Failure, error: Exception) -> None:
    """End the job with the failure. Only the attempt ends if the database or the storage is unavailable or full.

    Raises:
        SystemExit: The attempt ends without a report. The trainer sees the exit status and releases the job.
    """
    if failure.code == "disk_full":
        raise SystemExit(DISK_FULL_STATUS) from error
    if isinstance(error, Unavailable):
        raise SystemExit(UNAVAILABLE_STATUS) from error
    try:
        workers.fail(claim, failure)
    except ClaimLost as lost:
        logger.warning("%s", lost)
    except Unavailable as unavailable:
        raise SystemExit(UNAVAILABLE_STATUS) from unavailable
