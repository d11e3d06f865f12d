"""Renders charts in a few processes, which start with the first chart and stop after some idle time.

They are started with `subprocess` and driven from threads. The event loop's own subprocesses fork, and before a fork
OpenBLAS ends its threads: in the middle of another thread's matrix product both would deadlock, and the service too.
"""

import asyncio
import subprocess
import sys
from contextlib import suppress

from service.charts.request import ChartRequest
from service.errors import ComeBackLater, ServiceError, WorkerTimeout

PROGRAM = "service.charts"

Process = subprocess.Popen[bytes]

#: How many charts are rendered at the same time, so that a slow one does not delay the next, and how many may wait.
PROCESSES, WAITING = 2, 32

TIMEOUT_S, IDLE_S = 60.0, 60.0

#: The request for the script that draws Vega-Lite in a browser, gzipped.
SCRIPT = b'"script"'


class ChartRenderer:
    """A pool of renderer processes.

    A process whose chart takes too long, or whose client has disconnected, is killed; the next chart starts a new one.
    """

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(PROCESSES)
        self._idle: list[Process] = []
        self._exiting: set[asyncio.Future[None]] = set()
        self._pending = 0
        self._idle_timer: asyncio.TimerHandle | None = None
        self._script: bytes | None = None

    async def draw(self, request: ChartRequest) -> bytes:
        """Return the chart.

        Raises:
            ComeBackLater: Too many charts are waiting.
            WorkerTimeout: Rendering took too long.
            ServiceError: The chart could not be rendered.
        """
        return await self._send(request.line())

    async def script(self) -> bytes:
        """Return the script that draws Vega-Lite in a browser: a module, gzipped."""
        self._script = self._script or await self._send(SCRIPT)
        return self._script

    async def close(self) -> None:
        """Stop all idle processes, and wait until every stopped process has exited."""
        self._stop_idle()
        await asyncio.gather(*self._exiting)

    async def _send(self, line: bytes) -> bytes:
        if self._pending >= PROCESSES + WAITING:
            raise ComeBackLater("Too many charts are waiting to be rendered; try again in a second.", retry_after_s=1)
        self._pending += 1
        try:
            async with self._slots:
                return await self._render(line)
        finally:
            self._pending -= 1

    async def _render(self, line: bytes) -> bytes:
        process = self._idle_or_new()
        is_reusable = False
        try:
            async with asyncio.timeout(TIMEOUT_S):
                state, answer = await asyncio.to_thread(_exchange, process, line)
            is_reusable = True
        except TimeoutError as error:
            raise WorkerTimeout(
                f"Rendering the chart took longer than {TIMEOUT_S:g} seconds; try again later."
            ) from error
        except (OSError, EOFError) as error:
            raise ServiceError("The chart renderer process has exited; request the chart again.") from error
        finally:
            if is_reusable:
                self._idle.append(process)
                self._restart_idle_timer()
            else:
                self._stop(process)
        if state != b"drawn":
            raise ServiceError(f"The chart could not be rendered: {answer.decode()}")
        return answer

    def _idle_or_new(self) -> Process:
        while self._idle:
            process = self._idle.pop()
            if process.poll() is None:
                return process
            self._stop(process)
        return subprocess.Popen([sys.executable, "-m", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # our own module

    def _restart_idle_timer(self) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
        self._idle_timer = asyncio.get_running_loop().call_later(IDLE_S, self._stop_idle)

    def _stop_idle(self) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
        while self._idle:
            self._stop(self._idle.pop())

    def _stop(self, process: Process) -> None:
        """Kill the process; a thread that still reads from it gets an EOFError."""
        process.kill()
        exiting = asyncio.get_running_loop().run_in_executor(None, _wait_for_exit, process)
        self._exiting.add(exiting)
        exiting.add_done_callback(self._exiting.discard)


def _exchange(process: Process, line: bytes) -> tuple[bytes, bytes]:
    """Send one request; return the state, ``drawn`` or ``failed``, and the bytes of the answer."""
    assert process.stdin  # noqa: S101  # both are pipes
    assert process.stdout  # noqa: S101  # likewise
    process.stdin.write(line + b"\n")
    process.stdin.flush()
    head = process.stdout.readline().split()
    if not head:
        raise EOFError
    state, length = head[0], int(head[1])
    answer = process.stdout.read(length)
    if len(answer) < length:
        raise EOFError
    return state, answer


def _wait_for_exit(process: Process) -> None:
    with suppress(OSError), process:  # a request that was not yet sent is dropped
        pass
