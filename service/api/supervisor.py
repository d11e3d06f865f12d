"""Supervises the trainer process beside an API process: starts it, restarts it when it dies, stops it."""

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

#: The pause before a dead trainer is restarted, in seconds.
RESTART_DELAY_S = 1.0

#: The share of the grace period after which a trainer that is still stopping is killed.
TRAINER_SHARE = 0.9


class Supervisor:
    """A context manager in which a trainer runs.

    The trainer reads from a pipe that this process holds open, so it also stops when this process is killed.
    """

    def __init__(self, settings: Settings) -> None:
        self._environment = os.environ | settings.environment()
        self._stop_timeout_s = TRAINER_SHARE * settings.shutdown_grace_s
        self._stopped, self._starting = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True, name="trainer-supervisor")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the trainer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the trainer, and wait until its workers have saved; kill it when the grace period is over."""
        self.stop()
        self._thread.join(max(0.0, self._stop_by - time.monotonic()))
        if self._process:
            self._process.kill()

    def stop(self) -> None:
        """Send the trainer SIGTERM without waiting for it; a second call does nothing."""
        with self._starting:  # no trainer may start between the two lines
            if self._stopped.is_set():
                return
            self._stopped.set()
            self._stop_by = time.monotonic() + self._stop_timeout_s
            if self._process:
                self._process.terminate()

    @property
    def running(self) -> bool:
        """Whether the trainer process runs."""
        return self._process is not None and self._process.poll() is None

    def _run(self) -> None:
        while process := self._start():
            with process:
                code = process.wait()
            if not self._stopped.wait(RESTART_DELAY_S):
                logger.error("the trainer ended with exit status %d; it is restarted", code)

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._stopped.is_set():
                return None
            command = [sys.executable, "-m", "service.training.trainer", STOP_WITH_STDIN]
            self._process = subprocess.Popen(command, env=self._environment, stdin=subprocess.PIPE)  # noqa: S603  # our own module
            return self._process
