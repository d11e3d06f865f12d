"""Attempts at jobs, each in a process of its own as in a worker, which end at an event of the test's choice."""

import contextlib
import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from typing import Any, Literal

from service.composition import Services, compose
from service.domain.claims import Claim
from service.domain.config import resolve
from service.settings import Settings
from service.storage.blobs import BlobStore
from service.store.jobs.worker import WorkerStore
from service.training.failures import failure_of
from service.training.trainer.executors import PRELOAD
from service.training.worker.run import Run

#: How an attempt's files are written.
Writes = Literal["quick", "slow", "killed"]

_TIMEOUT_S, _SLOW_WRITE_S = 120, 0.1


def queue(services: Services, **fields: Any) -> str:
    """Queue a job on the tiny dataset; return its id."""
    body: Mapping[str, Any] = {"dataset": "tiny", "seed": 1, **fields}
    return services.jobs.create(resolve(body, services.limits)).id


def claim_next(services: Services) -> Claim:
    """Requeue the jobs of all workers, as if these were lost, and claim the next job."""
    for claim in services.claims.leases():
        services.claims.reclaim(claim, max_attempts=1000, failure=failure_of(ValueError("lost")))
    next_claim = services.claims.acquire(max_running=1)
    assert next_claim is not None
    return next_claim


def attempt(  # noqa: PLR0913  # an attempt, and how it is disturbed
    services: Services,
    claim: Claim,
    *,
    release_at: int | None = None,
    kill_at: int | Literal["saved"] | None = None,
    flush_interval_s: float = 1e-6,
    writes: Writes = "quick",
) -> int | None:
    """Train a claimed job in another process; return the exit code.

    Args:
        services: The process gets their settings.
        claim: The claim on the job.
        release_at: The event, from 1, at which the process is asked to save and end.
        kill_at: The event at which it is killed; "saved" is the moment at which its first checkpoint is in the store.
        flush_interval_s: The time between two records: as short as possible, unless the test is about it.
        writes: How its checkpoints are written; a "killed" one kills the process before its first byte.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOAD, "tests.attempts"])
    settings = services.settings.model_copy(update={"flush_interval_s": flush_interval_s})
    process = context.Process(target=_work, args=(settings, claim, release_at, kill_at, writes))
    process.start()
    process.join(_TIMEOUT_S)
    with contextlib.suppress(ValueError):
        process.kill()
    return process.exitcode


def _work(settings: Settings, claim: Claim, release_at: int | None, kill_at: int | str | None, writes: Writes) -> None:
    services = compose(settings)
    if writes != "quick":
        _hinder_writes(services.blobs, writes)
    if kill_at == "saved":
        _kill_once_saved(services.workers)
    events = itertools.count(1)

    def released() -> bool:
        number = next(events)
        if number == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return number == release_at

    try:
        Run(services, claim, released=released).train()
    except Exception as error:  # noqa: BLE001  # as a worker does
        services.workers.fail(claim, failure_of(error))
    finally:
        services.close()


def _kill_once_saved(workers: WorkerStore) -> None:
    """End the process on the thread that saves, so that the training beside it cannot have come further."""
    add_checkpoint = workers.add_checkpoint

    def killed(*arguments: Any, **options: Any) -> None:
        add_checkpoint(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    workers.add_checkpoint = killed  # type: ignore[method-assign]  # the end of a process


def _hinder_writes(blobs: BlobStore, writes: Writes) -> None:
    write = blobs.write

    def hindered(name: str, data: bytes) -> None:
        if writes == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(_SLOW_WRITE_S)
        write(name, data)

    blobs.write = hindered  # type: ignore[method-assign, assignment]  # a store that is slow, or the end of a process
