"""Keeps a trainer process beside an API process: starts it, starts it again when it dies, stops it."""

import logging
import os
import subprocess
import sys
import threading
import time
from typing import Self

from service.settings import Settings
from service.training.trainer import STOP_WITH_STDIN

logger = logging.getLogger(__name__)

#: How long after its death a trainer is started again, in seconds.
RESTART_DELAY_S = 1.0

#: The share of the grace after which a trainer that was asked to stop is ended.
TRAINER_SHARE = 0.9


class Supervisor:
    """A context in which a trainer runs.

    The trainer holds the reading end of a pipe whose other end is ours: it also stops when this process is killed.
    """

    def __init__(self, settings: Settings) -> None:
        self._environment = os.environ | settings.environment()
        self._stop_timeout_s = TRAINER_SHARE * settings.shutdown_grace_s
        self._stopped, self._starting = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._keep, daemon=True, name="trainer-supervisor")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the trainer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the trainer, and wait until its workers have saved."""
        self.stop()
        self._thread.join(max(0.0, self._stop_by - time.monotonic()))
        if self._process:
            self._process.kill()

    def stop(self) -> None:
        """Ask the trainer to stop, and wait for nothing; to ask again changes nothing."""
        with self._starting:  # no trainer may come between the two
            if self._stopped.is_set():
                return
            self._stopped.set()
            self._stop_by = time.monotonic() + self._stop_timeout_s
            if self._process:
                self._process.terminate()

    @property
    def running(self) -> bool:
        """Whether the trainer's process is there."""
        return self._process is not None and self._process.poll() is None

    def _keep(self) -> None:
        while process := self._start():
            with process:
                code = process.wait()
            if not self._stopped.wait(RESTART_DELAY_S):
                logger.error("the trainer ended with status %d; it is started again", code)

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._stopped.is_set():
                return None
            command = [sys.executable, "-m", "service.training.trainer", STOP_WITH_STDIN]
            self._process = subprocess.Popen(command, env=self._environment, stdin=subprocess.PIPE)  # noqa: S603  # our own module
            return self._process
