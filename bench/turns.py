"""Lets jobs run in turns, so that each has the same share of a core however many run at the same time."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Collection
from typing import Self

#: The turn of one job in seconds, and the turns of a period: the most jobs that run at the same time.
TURN_S, TURNS = 0.02, 4


class Turns(threading.Thread):
    """Stops all jobs but one, and gives each the same turn of a period, whether other jobs are there or not.

    Args:
        find: Returns the ids of the jobs' processes.
    """

    def __init__(self, find: Callable[[], Collection[int]]) -> None:
        super().__init__(daemon=True)
        self._find, self._over = find, threading.Event()
        self._jobs: list[int | None] = [None] * TURNS

    def __enter__(self) -> Self:
        """Begin to find the jobs, and to stop and continue them."""
        threading.Thread(target=self._look, daemon=True).start()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let all run."""
        self._over.set()
        self.join()

    def run(self) -> None:
        """Give each place its turn, whether a job has it or not."""
        place = 0
        while not self._over.is_set():
            pid = self._jobs[place]
            _send(pid, signal.SIGCONT)
            time.sleep(TURN_S)
            _send(pid, signal.SIGSTOP)
            place = (place + 1) % TURNS
        for each in self._jobs:
            _send(each, signal.SIGCONT)

    def _look(self) -> None:
        while not self._over.is_set():
            found = set(self._find())
            self._jobs = [pid if pid in found else None for pid in self._jobs]
            for pid in found - set(self._jobs):
                if None in self._jobs:
                    self._jobs[self._jobs.index(None)] = pid
            time.sleep(TURN_S)


def _send(pid: int | None, number: signal.Signals) -> None:
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
