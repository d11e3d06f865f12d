"""`python -m bench.mixed`: sixteen clients predict, poll, create jobs and watch streams while a job trains.

Every other round, one hostile client of each kind is beside them. Exits with status 1 if a request failed, if the API's
process took too much memory, or if the 99th percentile of a kind of request was over three times as long beside them.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import numpy as np

from bench.api import client, finished, queue
from bench.document import publish
from bench.machine import described
from bench.memory import peak_mb
from bench.request_bodies import Body, bodies
from bench.server import Server, naivenet
from bench.synthetic_jobs import add_history
from bench.tables import table
from naivenet import Network, to_safetensors
from service.domain.job import TERMINAL
from service.settings import Settings

#: Number of clients for each activity; each has one connection, and sends its next request after the response.
ROLES = {"predict": 7, "poll": 3, "create": 3, "watch": 3}

#: The targets: the longest 99th percentile beside hostile clients, in multiples, and the most memory.
SLOWER, MOST_MB = 3.0, 500.0

JOB = {"epochs": 1, "batch_size": 512}

#: The weights that hostile clients download and upload have 80 MB, and the histories a million steps.
LARGE, STEPS = (4096, 3900, 200), 1_000_000


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


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured in all rounds.

    Attributes:
        calm: Kind of request -> seconds until each response, in the rounds without hostile clients.
        hostile: The same in the rounds with them.
        failures: Descriptions of failed requests.
        peak_mb: The most memory that the API's process ever had.
    """

    calm: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    hostile: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    peak_mb: float = 0.0


def measure(server: Server, data_dir: str, *, rounds: int, seconds: float) -> Measured:
    """Run *rounds* rounds without and with hostile clients, in turn, while a job trains."""
    with client(server.port) as api:
        first, training, ended = queue(api, epochs=1, seed=1), queue(api, epochs=1_000), queue(api)
        api.post(f"/v1/jobs/{ended}/cancel").raise_for_status()
        add_history(Settings(data_dir=Path(data_dir)), ended, STEPS)
        finished(api, first)
        checkpoint = api.post("/v1/checkpoints", files={"weights": _weights()}).raise_for_status().json()["id"]
    measured = Measured()
    for _ in range(rounds):
        for latencies_s, company in (
            (measured.calm, nullcontext()),
            (measured.hostile, hostile_clients(server.port, training=training, ended=ended, checkpoint=checkpoint)),
        ):
            with company:
                load = MixedLoad(
                    port=server.port, until=time.monotonic() + seconds, newest=first, latencies_s=latencies_s
                )
                asyncio.run(load.go())
            measured.failures.extend(load.failures)
    return replace(measured, peak_mb=peak_mb(server.pid))


@contextmanager
def hostile_clients(port: int, **ids: str) -> Iterator[None]:
    """Run one hostile client of each kind, in a process of their own."""
    options = [f"--{name}={value}" for name, value in {"port": port, **ids}.items()]
    process = subprocess.Popen([sys.executable, "-m", "bench.hostile", *options])
    try:
        yield
        if process.poll() is not None:
            raise RuntimeError(f"the hostile clients ended with status {process.returncode}")
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.mixed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="number of rounds, each without and with hostile clients")
    parser.add_argument("--seconds", type=float, default=15.0, help="duration of half a round")
    parser.add_argument("--dry", action="store_true", help="print the results, and do not write them to the docs")
    given = parser.parse_args()
    machine = described()
    with (
        tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir,
        naivenet(data_dir, max_running_jobs=2, log_level="error") as server,
    ):
        measured = measure(server, data_dir, rounds=given.rounds, seconds=given.seconds)
    lines = _lines(measured, f"{machine} By `make load`, {given.rounds} rounds of 2 × {given.seconds:g} s")
    publish("load", lines, dry=given.dry)
    slower = max(_slower(measured, kind) for kind in measured.calm)
    sys.exit(bool(measured.failures) or measured.peak_mb > MOST_MB or slower > SLOWER)


def _slower(measured: Measured, kind: str) -> float:
    """Return the 99th percentile beside hostile clients, as a multiple of that without."""
    return float(np.percentile(measured.hostile[kind], 99) / np.percentile(measured.calm[kind], 99))


def _lines(measured: Measured, how: str) -> list[str]:
    def row(kind: str) -> list[str]:
        calm, hostile = (np.percentile(each[kind], [50, 99]) * 1000 for each in (measured.calm, measured.hostile))
        times = [f"{number:.1f}" for number in (*calm, *hostile)]
        return [kind, f"{len(measured.calm[kind]):,}", *times, f"{_slower(measured, kind):.1f}"]

    clients = ", ".join(f"{count} {name}" for name, count in ROLES.items())
    failed = f"{len(measured.failures)}{''.join(f'; {each}' for each in measured.failures[:3])}"
    header = ["", "requests", "p50 ms", "p99 ms", "p50 ms, hostile", "p99 ms, hostile", "p99 ratio"]
    return [
        "## A mixed load, and one hostile client of each kind",
        "",
        f"{how}: one API process on 16 connections ({clients}), while a job trains.",
        "The trainer and all clients share the cores. For a stream the time until it began is counted. The hostile",
        "clients (`bench/hostile.py`) send endless, slow and random requests and costly images, read nothing of large",
        "downloads and streams, and ask for histories of a million steps, charts of them and uploads of 80 MB.",
        "",
        *table(header, map(row, measured.calm)),
        "",
        f"Failures: {failed}. The API's process had {measured.peak_mb:.0f} MB at most (target: {MOST_MB:g}), and the",
        f"targeted ratio is at most {SLOWER:g}.",
    ]


def _weights() -> bytes:
    layers = [{"units": units, "activation": "relu"} for units in LARGE] + [{"units": 10, "activation": "softmax"}]
    network = Network.from_dict({"layers": layers})
    return to_safetensors(network.with_weights([np.zeros(shape, np.float32) for shape in network.shapes(784)]))


if __name__ == "__main__":
    main()
