"""Workers as processes of this machine, forked from a server that has imported TensorFlow and run nothing."""

import multiprocessing
import os
from multiprocessing.process import BaseProcess

from service.domain.claims import Claim
from service.training.worker.process import work

#: What the fork server imports before its first fork, so that a worker need not: see the module itself.
PRELOAD = ["service.training.worker.preload"]


class LocalProcesses:
    """Starts workers, and tells which have ended.

    The fork server is started with the first worker or by `warm_up`; one that has died is started anew.
    """

    def __init__(self) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # inherited by every worker
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
        self._workers: dict[Claim, BaseProcess] = {}

    def warm_up(self) -> None:
        """Start the fork server now, so that the first job need not wait for TensorFlow."""
        process = self._context.Process(target=_nothing)
        process.start()
        process.join()

    def start(self, claim: Claim) -> None:
        """Start a worker on a job."""
        process = self._context.Process(
            target=work, args=(claim.job_id, claim.attempt), name=f"naivenet-{claim.job_id}"
        )
        process.start()
        self._workers[claim] = process

    def ended(self) -> list[tuple[Claim, int | None]]:
        """The workers that have ended since the last call, with their exit codes."""
        gone = [(claim, process) for claim, process in self._workers.items() if not process.is_alive()]
        for claim, process in gone:
            process.join()
            del self._workers[claim]
        return [(claim, process.exitcode) for claim, process in gone]

    def running(self) -> int:
        """How many are at work."""
        return len(self._workers)

    def terminate(self) -> None:
        """Ask all to save and go."""
        for process in self._workers.values():
            process.terminate()

    def kill(self) -> None:
        """End those that did not, so that none outlives us unseen."""
        for process in self._workers.values():
            process.kill()
        for process in self._workers.values():
            process.join()


def _nothing() -> None:
    """What a process does that is only to make sure that others can be forked."""
