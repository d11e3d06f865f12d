"""Supervises another process of the service, such as the trainer: starts it, restarts it when it dies, stops it."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Self

from service.settings import Settings
from service.training.trainer import STOP_WITH_STDIN

logger = logging.getLogger(__name__)

#: The pause before a dead process is restarted, in seconds.
RESTART_DELAY_S = 1.0

#: The share of the grace period after which a process that is still stopping is killed.
GRACE_SHARE = 0.9


class Supervisor:
    """A context manager in which another process runs.

    That process reads from a pipe that this one holds open, so it also stops when this one is killed.

    Args:
        name: What the log calls the process.
        command: The arguments of Python that run it.
        settings: Its settings; it reads them from its environment.
        files: The file descriptors that it inherits.
        environment: Further variables of its environment.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        settings: Settings,
        *,
        files: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._name, self._command, self._files = name, [sys.executable, *command], files
        self._environment = {**os.environ, **settings.environment(), **(environment or {})}
        self._stop_timeout_s = GRACE_SHARE * settings.shutdown_grace_s
        self._stopped, self._starting = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"{name}-supervisor")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the process."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the process and wait for it, a trainer until its workers have saved; kill it after the grace period."""
        self.stop()
        self._thread.join(max(0.0, self._stop_by - time.monotonic()))
        if self._process:
            self._process.kill()

    def stop(self) -> None:
        """Send the process SIGTERM without waiting for it; a second call does nothing."""
        with self._starting:  # no process may start between the two lines
            if self._stopped.is_set():
                return
            self._stopped.set()
            self._stop_by = time.monotonic() + self._stop_timeout_s
            if self._process:
                self._process.terminate()

    def is_running(self) -> bool:
        """Return whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def _run(self) -> None:
        while process := self._start():
            with process:
                code = process.wait()
            if not self._stopped.wait(RESTART_DELAY_S):
                logger.error("the %s ended with exit status %d; it is restarted", self._name, code)

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._stopped.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603  # our own modules
                self._command, env=self._environment, stdin=subprocess.PIPE, pass_fds=self._files
            )
            return self._process


def trainer_of(settings: Settings) -> Supervisor:
    """Return the supervisor of a trainer."""
    return Supervisor("trainer", ["-m", "service.training.trainer", STOP_WITH_STDIN], settings)
