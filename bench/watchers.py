"""`python -m bench.watchers`: follows one job on many event streams at once, and measures the delay of each entry.

It runs as its own process, as browsers do, and prints its results as JSON.
"""

import argparse
import asyncio
import functools
import json
import sys
import time
from datetime import datetime
from typing import Any

import numpy as np

_AT, _END = b'"at":"', b'"'


class Watcher(asyncio.Protocol):
    """One stream. It reads only the timestamp of an entry; entries from before the stream began do not count."""

    def __init__(self, request: bytes, delays_s: list[float]) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.entries, self._since = 0, float("inf")
        self._request, self._delays_s, self._rest = request, delays_s, b""

    def connection_made(self, transport: Any) -> None:
        """Request the stream."""
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Record how long ago each entry in these bytes was written."""
        now = time.time()
        self._since = min(self._since, now)
        whole, _, self._rest = (self._rest + data).rpartition(b"\n\n")
        for frame in whole.split(b"\n\n"):
            if (at := frame.find(_AT)) >= 0:
                timestamp = frame[at + len(_AT) : frame.index(_END, at + len(_AT))]
                written = datetime.fromisoformat(timestamp.decode()).timestamp()
                self.entries += 1
                if written > self._since:
                    self._delays_s.append(now - written)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Record that the stream has ended."""
        self.ended.set_result(None)


async def watch(port: int, job_id: str, *, watchers: int) -> dict[str, Any]:
    """Follow the job until it ends, and return the delays of its entries."""
    loop = asyncio.get_running_loop()
    head = f"GET /v1/jobs/{job_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
    request = f"{head}Connection: close\r\n\r\n".encode()
    delays_s: list[float] = []
    began = time.perf_counter()
    make = functools.partial(loop.create_connection, lambda: Watcher(request, delays_s), "127.0.0.1", port)
    made = [await make() for _ in range(watchers)]
    print("watching", flush=True)
    await asyncio.gather(*(watcher.ended for _, watcher in made))
    delays, seconds = np.array(delays_s), time.perf_counter() - began
    return {
        "own_cores": time.process_time() / seconds,
        "entries": [min(w.entries for _, w in made), max(w.entries for _, w in made)],
        "p50_s": float(np.percentile(delays, 50)),
        "p99_s": float(np.percentile(delays, 99)),
        "max_s": float(delays.max()),
    }


def main() -> None:
    """Follow the job as the arguments say, and print the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--job", required=True)
    parser.add_argument("--watchers", type=int, required=True)
    given = parser.parse_args()
    json.dump(asyncio.run(watch(given.port, given.job, watchers=given.watchers)), sys.stdout)


if __name__ == "__main__":
    main()
