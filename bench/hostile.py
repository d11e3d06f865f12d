"""`python -m bench.hostile`: one hostile client of each kind against a service on this machine, until it is ended.

It runs as its own process with a low priority, as if it were another machine, and from an address of its own.
"""

import argparse
import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass

import httpx2

from tests.hostile_bodies import hostile_bodies

ADDRESS, NICENESS = "127.0.0.2", 10

#: A client that reads nothing asks again after this time; the service closes the connection before.
UNREAD_S = 90.0

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
BODY = (
    b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is attacked.

    Attributes:
        port: The port of the service.
        training: A job that trains.
        ended: A job with a history of a million steps.
        checkpoint: A checkpoint with large weights.
    """

    port: int
    training: str
    ended: str
    checkpoint: str

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Open a connection, and close it at the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(ADDRESS, 0))
        try:
            yield reader, writer
        finally:
            writer.close()

    def client(self) -> httpx2.AsyncClient:
        """Return an HTTP client."""
        transport = httpx2.AsyncHTTPTransport(local_address=ADDRESS)
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", transport=transport, timeout=60)


async def endless_head(target: Target) -> None:
    """Send a head that does not end, as fast as the service reads."""
    async with target.connection() as (_, writer):
        writer.write(HEAD + b"X: ")
        while True:
            writer.write(b"a" * 65_536)
            await writer.drain()


async def endless_lines(target: Target) -> None:
    """Send a head of lines without end."""
    async with target.connection() as (_, writer):
        writer.write(HEAD)
        while True:
            writer.write(b"X: y\r\n" * 10_000)
            await writer.drain()


async def slow_head(target: Target) -> None:
    """Send a byte of a head each second."""
    await _slowly(target, HEAD)


async def slow_body(target: Target) -> None:
    """Send a byte of a body each second."""
    await _slowly(target, BODY + b"[" * 100_000, at_once=len(BODY))


async def silence(target: Target) -> None:
    """Connect, and send nothing."""
    async with target.connection() as (reader, _):
        await reader.read()


async def rubbish(target: Target) -> None:
    """Send random bytes."""
    async with target.connection() as (reader, writer):
        writer.write(os.urandom(10_000))
        await reader.read()


async def unread_weights(target: Target) -> None:
    """Request large weights, and read nothing."""
    await _unread(target, f"/v1/checkpoints/{target.checkpoint}/weights", "*/*")


async def unread_stream(target: Target) -> None:
    """Request the stream of a job's events, and read nothing."""
    await _unread(target, f"/v1/jobs/{target.training}/events", "text/event-stream")


async def whole_history(target: Target) -> None:
    """Read a history of a million steps."""
    async with target.client() as api:
        while True:
            await api.get(f"/v1/jobs/{target.ended}/history", headers={"accept": "application/x-ndjson"})


async def charts(target: Target) -> None:
    """Have that history drawn."""
    async with target.client() as api:
        while True:
            await api.get(f"/v1/jobs/{target.ended}/curve", headers={"accept": "image/png"})


async def costly_images(target: Target) -> None:
    """Send the bodies of the tests of hostile requests, one after the other."""
    bodies = hostile_bodies().values()
    async with target.client() as api:
        while True:
            for path, headers, body in bodies:
                with contextlib.suppress(httpx2.TransportError):  # the service may close the connection
                    await api.post(path, headers=headers, content=body)


async def bad_jobs(target: Target) -> None:
    """Send jobs that are wrong, as fast as they are refused."""
    async with target.client() as api:
        while True:
            await api.post("/v1/jobs", json={"epochs": -1, "optimiser": "none"})


async def large_uploads(target: Target) -> None:
    """Send the large weights back."""
    async with target.client() as api:
        weights = (await api.get(f"/v1/checkpoints/{target.checkpoint}/weights")).content
        while True:
            await api.post("/v1/checkpoints", files={"weights": weights})


#: How many clients of each kind there are.
ATTACKS: dict[Callable[[Target], Coroutine[None, None, None]], int] = {
    endless_head: 1,
    endless_lines: 1,
    slow_head: 50,
    slow_body: 50,
    silence: 200,
    rubbish: 1,
    unread_weights: 8,
    unread_stream: 20,
    whole_history: 1,
    charts: 1,
    costly_images: 1,
    bad_jobs: 1,
    large_uploads: 1,
}


async def attack(target: Target) -> None:
    """Run all clients; a client whose connection is closed begins again a tenth of a second later."""

    async def again_and_again(once: Callable[[Target], Coroutine[None, None, None]]) -> None:
        while True:
            with contextlib.suppress(OSError, httpx2.HTTPError):
                await once(target)
            await asyncio.sleep(0.1)

    await asyncio.gather(*(again_and_again(once) for once, count in ATTACKS.items() for _ in range(count)))


async def _slowly(target: Target, data: bytes, *, at_once: int = 0) -> None:
    async with target.connection() as (_, writer):
        writer.write(data[:at_once])
        for byte in data[at_once:]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)


async def _unread(target: Target, path: str, accept: str) -> None:
    async with target.connection() as (_, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n".encode())
        await asyncio.sleep(UNREAD_S)


def main() -> None:
    """Attack the service that the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    for name in ("training", "ended", "checkpoint"):
        parser.add_argument(f"--{name}", required=True)
    os.nice(NICENESS)
    asyncio.run(attack(Target(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
