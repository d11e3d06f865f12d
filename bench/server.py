"""Starts the measured servers on the loopback interface, and stops them."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

_TIMEOUT_S, _POLL_S = 60.0, 0.005
_OK = 200

#: Removed from the environment, as users do not set it: with it, modules are compiled at each start.
_UNUSUAL = "PYTHONDONTWRITEBYTECODE"


class Server:
    """A server process for the duration of a ``with`` block, ready when the block begins.

    Args:
        command: The command; ``{port}`` in it becomes a free port.
        ready: The path that returns 200 once it is ready.
        environment: Additional environment variables.
        core: The core to bind it to, if the system can.
        timeout_s: How long it may take to be ready, and to end.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        ready: str,
        environment: Mapping[str, str] | None = None,
        core: int | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self.port = _free_port()
        self._command = [part.format(port=self.port) for part in command]
        usual = {name: value for name, value in os.environ.items() if name != _UNUSUAL}
        self._environment = usual | dict(environment or {})
        self._ready, self._core, self._timeout_s = ready, core, timeout_s

    def __enter__(self) -> Self:
        """Start it, and wait until it is ready."""
        began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.pid = self._process.pid
        try:
            if self._core is not None:
                bind_to(self._core, self.pid)
            self._wait(until=began + self._timeout_s)
        except BaseException:
            self._end()
            raise
        self.ready_s = time.perf_counter() - began
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self._end()

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Suspend the process during the ``with`` block, so that it takes no CPU time from its core."""
        os.killpg(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.pid, signal.SIGCONT)

    def _wait(self, *, until: float) -> None:
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"{self._command} ended with status {self._process.returncode}")
            if time.perf_counter() > until:
                raise TimeoutError(f"{self._command} was not ready after {self._timeout_s:g} s")
            time.sleep(_POLL_S)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self._ready)
            return connection.getresponse().status == _OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(self._timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with suppress(ProcessLookupError):  # some servers leave children
            os.killpg(self.pid, signal.SIGKILL)


def naivenet(data_dir: str, *, core: int | None = None, **settings: object) -> Server:
    """Return ``naivenet serve`` on a data folder, with *settings* by their lower-case names."""
    chosen = {"data_dir": data_dir, "log_level": "warning", **settings}
    return Server(
        [sys.executable, "-m", "service", "serve", "--host", "127.0.0.1", "--port", "{port}"],
        ready="/health/ready",
        environment={f"NAIVENET_{name.upper()}": str(value) for name, value in chosen.items()},
        core=core,
    )


def bind_to(core: int, pid: int = 0) -> None:
    """Bind a process, by default this one, to a core, if the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {core})


def two_cores() -> tuple[int | None, int | None]:
    """Return a core for the server and one for the load generator; None and None if there are not two."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
