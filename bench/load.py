"""`python -m bench.load`: a load generator on raw sockets with keep-alive, one request at a time on each connection.

It runs as its own process, so that it can have its own core, and prints its results as JSON.
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

from bench.server import bind_to

try:
    import uvloop
except ImportError:  # not for Windows
    uvloop = None  # type: ignore[assignment]  # checked below

#: Requests in the first seconds after all connections are open are not timed; their failures are counted.
WARMING_UP_S = 0.2

_LENGTH = b"content-length:"


class LoadConnection(asyncio.Protocol):
    """One connection, which sends the next request as soon as the response has arrived."""

    def __init__(self, request: bytes) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies_s: list[float] = []
        self.failures = 0
        self._request, self._answer = request, b""

    def connection_made(self, transport: Any) -> None:
        """Send the first request."""
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Collect the response; once it is complete, send the next request."""
        self._answer += data
        head, ended, body = self._answer.partition(b"\r\n\r\n")
        if ended and len(body) >= _length(head):
            self.latencies_s.append(time.perf_counter() - self._sent_at)
            self.failures += not head.startswith(b"HTTP/1.1 200")
            self._answer = b""
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Record that the connection has ended; a broken one is a failure."""
        self.failures += exc is not None
        self.ended.set_result(None)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._request)


async def generate(port: int, request: bytes, *, connections: int, seconds: float) -> dict[str, float]:
    """Send requests for some seconds on several connections at once, and return the results."""
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: LoadConnection(request), "127.0.0.1", port) for _ in range(connections)
    ]
    opened = [connection for _, connection in made]
    await asyncio.sleep(WARMING_UP_S)
    for connection in opened:
        connection.latencies_s.clear()
    began = time.perf_counter()
    await asyncio.wait([connection.ended for connection in opened], timeout=seconds)
    took = time.perf_counter() - began
    latencies = np.array([latency for connection in opened for latency in connection.latencies_s])
    for connection in opened:
        connection.close()
    return {
        "requests_per_s": len(latencies) / took,
        "p50_ms": float(np.percentile(latencies, 50)) * 1000,
        "p99_ms": float(np.percentile(latencies, 99)) * 1000,
        "failures": sum(connection.failures for connection in opened),
    }


def request_of(path: str, content_type: str, body: bytes, headers: Sequence[str] = ()) -> bytes:
    """Return the bytes of a POST request; *headers* are additional lines."""
    needed = ("Host: 127.0.0.1", f"Content-Type: {content_type}", f"Content-Length: {len(body)}")
    return "\r\n".join([f"POST {path} HTTP/1.1", *needed, *headers, "", ""]).encode() + body


def main() -> None:
    """Run the load generator as the arguments say, and print its results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/v1/predict")
    parser.add_argument("--content-type", required=True)
    parser.add_argument("--body", type=Path, required=True)
    parser.add_argument("--header", action="append", default=[], help="an additional header line; can be repeated")
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    if given.core is not None:
        bind_to(given.core)
    request = request_of(given.path, given.content_type, given.body.read_bytes(), given.header)
    run = uvloop.run if uvloop else asyncio.run
    json.dump(run(generate(given.port, request, connections=given.connections, seconds=given.seconds)), sys.stdout)


def _length(head: bytes) -> int:
    line = head.lower().partition(_LENGTH)[2]
    return int(line.partition(b"\r\n")[0] or 0)


if __name__ == "__main__":
    main()
