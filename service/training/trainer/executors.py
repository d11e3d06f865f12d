"""Where workers run: the `Executor` protocol, and the processes of this machine."""

import logging
import multiprocessing
import os
import threading
from collections.abc import Mapping
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from service.domain.claims import Claim
from service.domain.cluster import ClusterSize
from service.training.worker.process import work

logger = logging.getLogger(__name__)

#: The fork server imports this before its first fork, so that workers need not import TensorFlow.
PRELOAD = ["service.training.worker.preload"]


class Executor(Protocol):
    """Runs workers: as processes of this machine, or on a cluster."""

    def warm_up(self) -> None:
        """Prepare to start workers: called once, in a thread of its own."""

    def room(self) -> int:
        """Return how many more workers would start at once; 0 while the executor is not ready."""

    def start(self, claim: Claim) -> None:
        """Start a worker for a claim."""

    def ended(self) -> list[tuple[Claim, int | None]]:
        """Return the workers that have ended since the last call, with their exit codes if they are known."""

    def running(self) -> int:
        """Return the number of running workers."""

    def cluster(self) -> ClusterSize | None:
        """Return the size of the cluster that runs the workers; None if they are processes of this machine."""

    def abandon(self, claim: Claim) -> None:
        """Give up a worker whose claim is not in force any more: it is not waited for, and its end not reported."""

    def terminate(self) -> None:
        """Ask all workers to save a checkpoint and end."""

    def kill(self) -> None:
        """End all workers that still run."""


class LocalProcesses:
    """Runs workers as processes of this machine, forked from a server that has imported TensorFlow and run nothing.

    `warm_up` starts the fork server; one that has died is started again.

    Args:
        most: How many workers may run at the same time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # inherited by every worker
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
        self._workers: dict[Claim, BaseProcess] = {}
        self._warmed_up = threading.Event()

    def warm_up(self) -> None:
        """Start the fork server, which imports TensorFlow."""
        try:
            process = self._context.Process(target=_nothing)
            process.start()
            process.join()
        finally:  # if it failed, the start of a worker fails, too, and is reported
            self._warmed_up.set()
            logger.info("the trainer is ready")

    def room(self) -> int:
        """Return the number of free slots; none before the fork server has imported TensorFlow."""
        return self._most - len(self._workers) if self._warmed_up.is_set() else 0

    def start(self, claim: Claim, environment: Mapping[str, str] | None = None) -> None:
        """Start a worker for a claim, with these further environment variables."""
        arguments = (claim.job_id, claim.attempt, environment)
        process = self._context.Process(target=work, args=arguments, name=f"naivenet-{claim.job_id}")
        process.start()
        self._workers[claim] = process

    def ended(self) -> list[tuple[Claim, int | None]]:
        """Return the workers that have ended since the last call, with their exit codes."""
        ended = [(claim, process) for claim, process in self._workers.items() if not process.is_alive()]
        for claim, process in ended:
            process.join()
            del self._workers[claim]
        return [(claim, process.exitcode) for claim, process in ended]

    def wait(self, seconds: float) -> None:
        """Wait until a worker has ended, but no longer than this."""
        wait([process.sentinel for process in self._workers.values()], seconds)

    def running(self) -> int:
        """Return the number of running workers."""
        return len(self._workers)

    def cluster(self) -> None:
        """Return None: the workers are processes of this machine."""

    def abandon(self, claim: Claim) -> None:
        """Do nothing: the process notices that its claim is lost, and its end is reported."""

    def terminate(self) -> None:
        """Ask all workers to save a checkpoint and end."""
        for process in self._workers.values():
            process.terminate()

    def kill(self) -> None:
        """End all workers that still run, so that none outlives the trainer."""
        for process in self._workers.values():
            process.kill()
        for process in self._workers.values():
            process.join()


def _nothing() -> None:
    """Do nothing: the process only makes the fork server start."""
