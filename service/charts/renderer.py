"""Where charts are drawn: a few processes, started when a chart is wanted, and ended when none has been for a while.

They are started by `subprocess`, and spoken with in threads. The event loop's own way forks, and a fork first has
OpenBLAS end its threads: in the middle of another thread's product both would wait for ever, and the service with them.
"""

import asyncio
import subprocess
import sys
from contextlib import suppress

from service.charts.request import ChartRequest
from service.errors import ComeBackLater, ServiceError, WorkerTimeout

PROGRAM = "service.charts"

Process = subprocess.Popen[bytes]

#: So many charts are drawn at once, so that one that takes long does not hold up the next, and so many wait.
DRAUGHTSMEN, WAITING = 2, 32

TIMEOUT_S, IDLE_S = 60.0, 60.0

#: The one thing that is asked for and is no chart: the script that draws Vega-Lite in a browser, compressed.
SCRIPT = b'"script"'


class ChartRenderer:
    """Draws charts in processes of their own, and lets these go when there is nothing to draw.

    A draughtsman that takes too long, or whose client has gone, is ended: the next chart gets a new one.
    """

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(DRAUGHTSMEN)
        self._free: list[Process] = []
        self._leaving: set[asyncio.Future[None]] = set()
        self._there = 0
        self._closing_time: asyncio.TimerHandle | None = None
        self._script: bytes | None = None

    async def draw(self, order: ChartRequest) -> bytes:
        """The chart.

        Raises:
            ComeBackLater: Too many charts are waiting to be drawn.
            WorkerTimeout: It took too long.
            ServiceError: It could not be drawn.
        """
        return await self._ask(order.line())

    async def script(self) -> bytes:
        """The script that draws Vega-Lite in a browser: a module, gzipped."""
        self._script = self._script or await self._ask(SCRIPT)
        return self._script

    async def close(self) -> None:
        """End all draughtsmen, and wait until they have."""
        self._let_go()
        await asyncio.gather(*self._leaving)

    async def _ask(self, line: bytes) -> bytes:
        if self._there >= DRAUGHTSMEN + WAITING:
            raise ComeBackLater("Too many charts are waiting to be drawn.", retry_after_s=1)
        self._there += 1
        try:
            async with self._room:
                return await self._drawn(line)
        finally:
            self._there -= 1

    async def _drawn(self, line: bytes) -> bytes:
        process = self._draughtsman()
        kept = False
        try:
            async with asyncio.timeout(TIMEOUT_S):
                said, answer = await asyncio.to_thread(_exchange, process, line)
            kept = True
        except TimeoutError as error:
            raise WorkerTimeout(f"The chart took longer than {TIMEOUT_S:g} seconds to draw.") from error
        except (OSError, EOFError) as error:
            raise ServiceError("The process that draws charts has ended.") from error
        finally:
            if kept:
                self._free.append(process)
                self._rest()
            else:
                self._end(process)
        if said != b"drawn":
            raise ServiceError(f"The chart could not be drawn: {answer.decode()}")
        return answer

    def _draughtsman(self) -> Process:
        while self._free:
            process = self._free.pop()
            if process.poll() is None:
                return process
            self._end(process)
        return subprocess.Popen([sys.executable, "-m", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # our own module

    def _rest(self) -> None:
        """Begin the time anew after which those who are free go."""
        if self._closing_time:
            self._closing_time.cancel()
        self._closing_time = asyncio.get_running_loop().call_later(IDLE_S, self._let_go)

    def _let_go(self) -> None:
        if self._closing_time:
            self._closing_time.cancel()
        while self._free:
            self._end(self._free.pop())

    def _end(self, process: Process) -> None:
        """Whoever still speaks with it hears that it has ended."""
        process.kill()
        leaving = asyncio.get_running_loop().run_in_executor(None, _seen_off, process)
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


def _exchange(process: Process, line: bytes) -> tuple[bytes, bytes]:
    """What it says of *line*, and the bytes that it answers."""
    assert process.stdin  # noqa: S101  # both are pipes
    assert process.stdout  # noqa: S101  # likewise
    process.stdin.write(line + b"\n")
    process.stdin.flush()
    head = process.stdout.readline().split()
    if not head:
        raise EOFError
    said, length = head[0], int(head[1])
    answer = process.stdout.read(length)
    if len(answer) < length:
        raise EOFError
    return said, answer


def _seen_off(process: Process) -> None:
    with suppress(OSError), process:  # what was still to be written to it goes nowhere
        pass
