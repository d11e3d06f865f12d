"""What a request pays before its route is asked: the gate and the outermost layers, without a server around them."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.document import PATH, write_section
from service.api.access.api_keys import ApiKeys
from service.api.access.gate import Gate
from service.api.access.rate_limits import RateLimits
from service.api.middleware.stack import protected
from service.composition import Services, compose
from service.domain.key import Scope as KeyScope
from service.settings import Settings

#: So many calls in a row, so often; the fastest row counts, as noise only ever adds.
CALLS, ROWS = 60, 800

Measured = list[tuple[str, float]]


def scope(*headers: tuple[bytes, bytes]) -> Scope:
    """A prediction as a server hands it on."""
    usual = (b"host", b"127.0.0.1:8000"), (b"accept", b"*/*"), (b"content-type", b"image/png")
    given = {"type": "http", "method": "POST", "path": "/v1/predict", "query_string": b"", "client": ("127.0.0.1", 1)}
    return {**given, "headers": [*usual, *headers], "state": {}}


async def fastest_us(call: Callable[[], Awaitable[object]]) -> float:
    """The time of one call, in microseconds."""
    fastest_s = 1.0
    for _ in range(ROWS):
        began = time.perf_counter()
        for _ in range(CALLS):
            await call()
        fastest_s = min(fastest_s, (time.perf_counter() - began) / CALLS)
    return fastest_s * 1e6


async def at_the_gate(services: Services) -> Measured:
    """Without keys, with one, and with a rate to count as well."""
    _, key = services.keys.create("bench", [KeyScope.PREDICT])
    shown = scope((b"authorization", f"Bearer {key}".encode()))
    measured = []
    for name, auth, per_s in (("no key", "off", 0), ("a key", "on", 0), ("a key and a rate", "on", 10**6)):
        api_keys = ApiKeys(services.keys, Settings.model_validate({"auth": auth}))
        gate, request = Gate(api_keys=api_keys, rate_limits=RateLimits(per_s), origins=frozenset()), Request(shown)
        async with api_keys.refreshing():
            measured.append(
                (f"the gate: {name}", await fastest_us(lambda g=gate, r=request: g.admit(r, (KeyScope.PREDICT,))))
            )
    return measured


async def in_the_layers() -> Measured:
    """Hosts, headers and the clock, over what they are around."""

    async def bare(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    async def sent(_: Message) -> None: ...

    async def received() -> Message:
        return {"type": "http.request"}

    async def taken_us(app: ASGIApp) -> float:
        return await fastest_us(lambda: app(scope(), received, sent))

    return [("the outermost layers", await taken_us(protected(bare, Settings())) - await taken_us(bare))]


async def measure() -> Measured:
    """All of it."""
    with tempfile.TemporaryDirectory() as folder:
        services = compose(Settings(data_dir=Path(folder)))
        try:
            return [*await at_the_gate(services), *await in_the_layers()]
        finally:
            services.close()


def main() -> None:
    """Measure, and write it down."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = [f"| {name} | {taken_us:.1f} |" for name, taken_us in runner.run(measure())]
    why = f"What a request pays before its route is asked; the fastest of {ROWS} rows of {CALLS} calls, on uvloop."
    lines = ["## Keys and edges", "", why, "", "| | µs |", "|---|---|", *rows]
    write_section("edges", lines)
    print("\n".join([*rows, f"written to {PATH}"]))


if __name__ == "__main__":
    main()
