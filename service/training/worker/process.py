"""A worker: trains one job, from its row to its result. The only part of the service that runs naivenet's training."""

import contextlib
import logging
import os
import signal
import threading
import time
from contextlib import nullcontext

from service.composition import compose
from service.domain.claims import Claim, ClaimLost
from service.domain.job import Failure
from service.errors import Unavailable
from service.operations import logs, tracing
from service.operations.memory import resident_bytes
from service.settings import Settings, load_settings
from service.store.jobs.worker import WorkerStore
from service.training.failures import OUT_OF_MEMORY_STATUS, UNFORESEEN, failure_of
from service.training.heartbeat import BEATS_PER_TIMEOUT, Heartbeat
from service.training.worker.run import Run

logger = logging.getLogger(__name__)

#: How often a worker looks at its memory, in seconds.
LOOK_S = 0.1


def work(job_id: str, attempt: int) -> None:
    """Train the job that this process was started for, and write down how it ended.

    Args:
        job_id: The job.
        attempt: Which attempt at it this is; once there is a later one, nothing more is written.
    """
    released = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: released.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the trainer's to pass on
    settings = load_settings()
    about: dict[str, str | int | None] = {"job_id": job_id, "attempt": attempt, "request_id": None}
    logs.set_up(settings.log_level, settings.log_format, context=lambda: about)
    _prepare_process(settings)
    MemoryLimit(settings.resolved_max_job_bytes).start()
    services, claim = compose(settings), Claim(job_id=job_id, attempt=attempt)
    traced = tracing.start("worker")  # here: its thread must be this process's own
    try:
        Heartbeat(services, claim, interval_s=settings.worker_timeout_s / BEATS_PER_TIMEOUT).start()
        run = Run(services, claim, released=released.is_set, tracing=traced)
        about["request_id"] = run.job.origin.request_id
        logger.info("training begins")
        span = traced.span("train", parent=run.job.origin.traceparent, **vars(claim)) if traced else nullcontext()
        with span:
            run.to_the_end()
        logger.info("training is over")
    except ClaimLost as error:
        logger.warning("%s", error)
    except Exception as error:  # whatever it was, the job must not look as if it still trained
        failure = failure_of(error)
        if failure.code in UNFORESEEN:
            logger.exception("training failed")
        else:  # it has a name: where it arose says no more
            logger.warning("training failed: %s", failure.message, extra={"code": failure.code})
        _end(services.workers, claim, failure, error)
    finally:
        if traced:
            traced.close()
        with contextlib.suppress(Unavailable):
            services.failure_counts.save()
        services.close()


def _end(workers: WorkerStore, claim: Claim, failure: Failure, error: Exception) -> None:
    """Write down why the job cannot go on, unless that is not its fault: then the attempt is lost, not the job."""
    if isinstance(error, Unavailable) and failure.code != "disk_full":
        raise SystemExit(str(error)) from error
    try:
        workers.fail(claim, failure)
    except ClaimLost as lost:
        logger.warning("%s", lost)
    except Unavailable as unheard:  # the trainer sees that this process ended, once the database answers
        raise SystemExit(str(unheard)) from unheard


class MemoryLimit(threading.Thread):
    """Ends the process, at once, when it holds more memory than a job may: the others on this machine need theirs."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(daemon=True, name="fence")
        self._most_bytes = most_bytes

    def run(self) -> None:
        """Look, a few times a second."""
        while (resident_bytes() or 0) <= self._most_bytes:
            time.sleep(LOOK_S)
        logger.error("this process holds more than the %d bytes that a job may: it ends", self._most_bytes)
        os._exit(OUT_OF_MEMORY_STATUS)


def _prepare_process(settings: Settings) -> None:
    if hasattr(os, "nice"):
        os.nice(settings.worker_nice)
