"""Where workers run: the `Executor` protocol, and the processes of this machine."""

import logging
import multiprocessing
import os
import threading
from multiprocessing.process import BaseProcess
from typing import Protocol

from service.domain.claims import Claim
from service.training.worker.process import work

logger = logging.getLogger(__name__)

#: The fork server imports this before its first fork, so that workers need not import TensorFlow.
PRELOAD = ["service.training.worker.preload"]


class Executor(Protocol):
    """Runs workers: as processes of this machine, or on a cluster."""

    def is_ready(self) -> bool:
        """Return whether a worker would start at once."""

    def start(self, claim: Claim) -> None:
        """Start a worker for a claim."""

    def ended(self) -> list[tuple[Claim, int | None]]:
        """Return the workers that have ended since the last call, with their exit codes if they are known."""

    def running(self) -> int:
        """Return the number of running workers."""

    def terminate(self) -> None:
        """Ask all workers to save a checkpoint and end."""

    def kill(self) -> None:
        """End all workers that still run."""


class LocalProcesses:
    """Runs workers as processes of this machine, forked from a server that has imported TensorFlow and run nothing.

    `warm_up` starts the fork server; one that has died is started again.
    """

    def __init__(self) -> None:
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

    def is_ready(self) -> bool:
        """Return whether the fork server has imported TensorFlow; it is started again if it has died since."""
        return self._warmed_up.is_set()

    def start(self, claim: Claim) -> None:
        """Start a worker for a claim."""
        process = self._context.Process(
            target=work, args=(claim.job_id, claim.attempt), name=f"naivenet-{claim.job_id}"
        )
        process.start()
        self._workers[claim] = process

    def ended(self) -> list[tuple[Claim, int | None]]:
        """Return the workers that have ended since the last call, with their exit codes."""
        ended = [(claim, process) for claim, process in self._workers.items() if not process.is_alive()]
        for claim, process in ended:
            process.join()
            del self._workers[claim]
        return [(claim, process.exitcode) for claim, process in ended]

    def running(self) -> int:
        """Return the number of running workers."""
        return len(self._workers)

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
