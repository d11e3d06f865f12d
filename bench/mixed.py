"""`python -m bench.mixed`: sixteen clients predict, poll, create jobs and watch streams for a minute.

Exits with status 1 if a request failed, or if the API's process grew after its first ten seconds.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import numpy as np

from bench.api import client, finished, queue
from bench.document import PATH, write_section
from bench.machine import described
from bench.memory import resident_mb
from bench.request_bodies import Body, bodies
from bench.server import Server, naivenet
from bench.tables import table
from service.domain.job import TERMINAL

#: Number of clients for each activity; each has one connection, and sends its next request after the response.
ROLES = {"predict": 7, "poll": 3, "create": 3, "watch": 3}

SETTLED_S, GROWTH = 10.0, 1.1
JOB = {"epochs": 1, "batch_size": 512}


@dataclass(kw_only=True)
class MixedLoad:
    """What the clients do, and what was measured.

    Attributes:
        port: The port of the service.
        until: When the clients stop, by the monotonic clock.
        newest: The job that was created last.
        images: The request bodies that are predicted, in turn.
        latencies_s: Kind of request -> seconds until each response, or until a stream began.
        failures: Descriptions of failed requests.
    """

    port: int
    until: float
    newest: str
    images: Sequence[Body] = field(default_factory=bodies)
    latencies_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    async def go(self) -> None:
        """Run all clients to the end."""
        roles = {"predict": self._predict, "poll": self._poll, "create": self._create, "watch": self._watch}
        activities = [roles[name] for name, count in ROLES.items() for _ in range(count)]
        async with AsyncExitStack() as opened:
            # All are made before the first request: httpx2 takes 25 ms for each, which blocks the event loop
            clients = [await opened.enter_async_context(self._api()) for _ in activities]
            await asyncio.gather(*map(self._client, clients, activities))

    def _api(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    async def _client(
        self, api: httpx2.AsyncClient, role: Callable[[httpx2.AsyncClient], Coroutine[None, None, None]]
    ) -> None:
        while time.monotonic() < self.until:
            try:
                await role(api)
            except httpx2.HTTPError as error:
                self.failures.append(repr(error))

    async def _predict(self, api: httpx2.AsyncClient) -> None:
        for body in self.images:
            headers = {"content-type": body.media_type}
            await self._ask(api, f"predict, {body.name}", "POST", "/v1/predict", content=body.data, headers=headers)

    async def _poll(self, api: httpx2.AsyncClient) -> None:
        here = f"/v1/jobs/{self.newest}"
        for path in (here, f"{here}/history?max_points=500", "/v1/jobs?limit=20"):
            await self._ask(api, "poll", "GET", path)

    async def _create(self, api: httpx2.AsyncClient) -> None:
        self.newest = (await self._ask(api, "create", "POST", "/v1/jobs", json=JOB)).json()["id"]
        status = "queued"
        while status not in TERMINAL and time.monotonic() < self.until:
            await asyncio.sleep(0.2)
            status = (await self._ask(api, "poll", "GET", f"/v1/jobs/{self.newest}")).json()["status"]
        if status == "failed":
            self.failures.append(f"{self.newest} failed")

    async def _watch(self, api: httpx2.AsyncClient) -> None:
        async with self._begun(api, "watch", f"/v1/jobs/{self.newest}/events") as answer:
            async for _ in answer.aiter_bytes():
                if time.monotonic() > self.until:
                    return

    async def _ask(self, api: httpx2.AsyncClient, kind: str, method: str, path: str, **sent: object) -> httpx2.Response:
        began = time.perf_counter()
        answer = await api.request(method, path, **sent)  # type: ignore[arg-type]  # as httpx2 takes them
        self.latencies_s[kind].append(time.perf_counter() - began)
        return answer.raise_for_status()

    @asynccontextmanager
    async def _begun(self, api: httpx2.AsyncClient, kind: str, path: str) -> AsyncIterator[httpx2.Response]:
        began = time.perf_counter()
        async with api.stream("GET", path, headers={"accept": "text/event-stream"}) as answer:
            self.latencies_s[kind].append(time.perf_counter() - began)
            yield answer.raise_for_status()


async def _go(server: Server, load: MixedLoad) -> tuple[float, float]:
    """Return the memory of the API's process after ten seconds and at the end, in MB."""

    async def settled_mb() -> float:
        await asyncio.sleep(SETTLED_S)
        return resident_mb(server.pid)

    settled, _ = await asyncio.gather(settled_mb(), load.go())
    return settled, resident_mb(server.pid)


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.mixed", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="duration, more than ten seconds")
    parser.add_argument("--dry", action="store_true", help="print the results, and do not write them to the docs")
    given = parser.parse_args()
    machine = described()
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir, naivenet(data_dir) as server:
        with client(server.port) as api:
            first = queue(api, epochs=1, seed=1)
            finished(api, first)
        load = MixedLoad(port=server.port, until=time.monotonic() + given.seconds, newest=first)
        settled, end = asyncio.run(_go(server, load))
    lines = _lines(load, machine, given.seconds, settled=settled, end=end)
    print("\n".join(lines))
    if not given.dry:
        write_section("load", lines)
        print(f"\nwritten to {PATH}")
    sys.exit(bool(load.failures) or end > GROWTH * settled)


def _lines(load: MixedLoad, machine: str, seconds: float, *, settled: float, end: float) -> list[str]:
    def row(kind: str, latencies_s: list[float]) -> list[str]:
        p50, p99, most = (f"{1000 * share:.1f}" for share in np.percentile(latencies_s, [50, 99, 100]))
        return [kind, f"{len(latencies_s):,}", p50, p99, most]

    clients = ", ".join(f"{count} {name}" for name, count in ROLES.items())
    failed = f"{len(load.failures)}{''.join(f'; {each}' for each in load.failures[:3])}"
    grown = f"{settled:.0f} MB after {SETTLED_S:g} s and {end:.0f} MB at the end, {end / settled:.2f} times as much"
    return [
        "## A minute of mixed load",
        "",
        f"{machine} By `make load`, {seconds:g} s: one API process on 16 connections ({clients}).",
        "Its trainer and the clients share the cores. For a stream the time until it began is counted.",
        "",
        *table(["", "requests", "p50 ms", "p99 ms", "longest ms"], [row(*each) for each in load.latencies_s.items()]),
        "",
        f"Failures: {failed}. The API's process had {grown} (target: at most {GROWTH}).",
    ]


if __name__ == "__main__":
    main()
