"""Asks a server over and over: raw sockets, kept alive, the next request only after the last answer.

`python -m bench.load` is a process of its own, so that it can have a core of its own. It writes what it saw as JSON.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.server import hold_to

try:
    import uvloop
except ImportError:  # not for Windows
    uvloop = None  # type: ignore[assignment]  # asked for below

#: What is asked so long, counted from when all connections are there, is not counted: only failures are.
WARMING_UP_S = 0.2

_LENGTH = b"content-length:"


class Asker(asyncio.Protocol):
    """One connection, on which one request waits for an answer at any time."""

    def __init__(self, request: bytes) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies_s: list[float] = []
        self.failures = 0
        self._request, self._answer = request, b""

    def connection_made(self, transport: Any) -> None:
        """Ask."""
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Collect the answer; once it is whole, ask again."""
        self._answer += data
        head, ended, body = self._answer.partition(b"\r\n\r\n")
        if ended and len(body) >= _length(head):
            self.latencies_s.append(time.perf_counter() - self._asked_at)
            self.failures += not head.startswith(b"HTTP/1.1 200")
            self._answer = b""
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits; a connection that broke is a failure."""
        self.failures += exc is not None
        self.ended.set_result(None)

    def close(self) -> None:
        """Ask no more."""
        self._transport.close()

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(self._request)


async def ask(port: int, request: bytes, *, connections: int, seconds: float) -> dict[str, float]:
    """Ask for some seconds on several connections at once, and tell how it went."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Asker(request), "127.0.0.1", port) for _ in range(connections)]
    askers = [asker for _, asker in made]
    await asyncio.sleep(WARMING_UP_S)
    for asker in askers:
        asker.latencies_s.clear()
    began = time.perf_counter()
    await asyncio.wait([asker.ended for asker in askers], timeout=seconds)
    took = time.perf_counter() - began
    latencies = np.array([latency for asker in askers for latency in asker.latencies_s])
    for asker in askers:
        asker.close()
    return {
        "requests_per_s": len(latencies) / took,
        "p50_ms": float(np.percentile(latencies, 50)) * 1000,
        "p99_ms": float(np.percentile(latencies, 99)) * 1000,
        "failures": sum(asker.failures for asker in askers),
    }


def request_of(path: str, content_type: str, body: bytes, headers: Sequence[str] = ()) -> bytes:
    """A POST as it goes over the wire; *headers* are lines beside those that it needs."""
    needed = ("Host: 127.0.0.1", f"Content-Type: {content_type}", f"Content-Length: {len(body)}")
    return "\r\n".join([f"POST {path} HTTP/1.1", *needed, *headers, "", ""]).encode() + body


def main() -> None:
    """Ask as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/v1/predict")
    parser.add_argument("--content-type", required=True)
    parser.add_argument("--body", type=Path, required=True)
    parser.add_argument("--header", action="append", default=[], help="a line, as often as there are more")
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    if given.core is not None:
        hold_to(given.core)
    request = request_of(given.path, given.content_type, given.body.read_bytes(), given.header)
    run = uvloop.run if uvloop else asyncio.run
    json.dump(run(ask(given.port, request, connections=given.connections, seconds=given.seconds)), sys.stdout)


def _length(head: bytes) -> int:
    line = head.lower().partition(_LENGTH)[2]
    return int(line.partition(b"\r\n")[0] or 0)


if __name__ == "__main__":
    main()
