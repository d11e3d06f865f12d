"""`python -m bench.access`: measures what API keys, rate limits and middleware add to a request, without a server."""

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
from service.api.live.metrics import Metrics
from service.api.middleware.body_limit import BodyLimit
from service.api.middleware.one_pass import OnePass
from service.api.siblings import Siblings
from service.composition import Services, compose
from service.domain.key import Scope as KeyScope
from service.settings import Settings

#: Calls in a round, and rounds; the fastest round counts, as noise only adds time.
CALLS, ROUNDS = 60, 800

Measured = list[tuple[str, float]]


def scope(*headers: tuple[bytes, bytes]) -> Scope:
    """Return the ASGI scope of a prediction."""
    usual = (b"host", b"127.0.0.1:8000"), (b"content-length", b"2"), (b"content-type", b"image/png")
    given = {"type": "http", "method": "POST", "path": "/v1/predict", "query_string": b"", "client": ("127.0.0.1", 1)}
    return {**given, "headers": [*usual, *headers], "state": {}}


async def fastest_us(call: Callable[[], Awaitable[object]]) -> float:
    """Return the time of one call in the fastest round, in microseconds."""
    fastest_s = 1.0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            await call()
        fastest_s = min(fastest_s, (time.perf_counter() - began) / CALLS)
    return fastest_s * 1e6


async def measure_gate(services: Services) -> Measured:
    """Measure the gate without API keys, with a key, and with a key and a rate limit."""
    _, key = services.keys.create("bench", [KeyScope.PREDICT])
    authorized = scope((b"authorization", f"Bearer {key}".encode()))
    measured = []
    for name, auth, per_s in (("no key", "off", 0), ("a key", "on", 0), ("a key and a rate limit", "on", 10**6)):
        api_keys = ApiKeys(services.keys, Settings.model_validate({"auth": auth}))
        gate, request = Gate(api_keys=api_keys, rate_limits=RateLimits(per_s), origins=frozenset()), Request(authorized)
        async with api_keys.refreshing():
            measured.append(
                (f"the gate: {name}", await fastest_us(lambda g=gate, r=request: g.admit(r, (KeyScope.PREDICT,))))
            )
    return measured


async def measure_middleware() -> Measured:
    """Measure the pass around a request: id, check of the Host header, limits, deadline, headers, metrics."""

    async def bare(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    async def sent(_: Message) -> None: ...

    async def received() -> Message:
        return {"type": "http.request"}

    async def taken_us(app: ASGIApp) -> float:
        return await fastest_us(lambda: app(scope(), received, sent))

    limits = BodyLimit(max_body_bytes=1000, uploads={}, max_large=1, stopping=asyncio.Event())
    one_pass = OnePass(bare, Settings(), metrics=Metrics(Siblings()), body_limit=limits)
    return [("the pass around it", await taken_us(one_pass) - await taken_us(bare))]


async def measure() -> Measured:
    """Measure gate and middleware."""
    with tempfile.TemporaryDirectory() as folder:
        services = compose(Settings(data_dir=Path(folder)))
        try:
            return [*await measure_gate(services), *await measure_middleware()]
        finally:
            services.close()


def main() -> None:
    """Measure, and write the section of the docs."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = [f"| {name} | {taken_us:.1f} |" for name, taken_us in runner.run(measure())]
    why = f"What a request costs before its route runs; the fastest of {ROUNDS} rounds of {CALLS} calls, on uvloop."
    lines = ["## Keys, rate limits and middleware", "", why, "", "| | µs |", "|---|---|", *rows]
    write_section("access", lines)
    print("\n".join([*rows, f"written to {PATH}"]))


if __name__ == "__main__":
    main()
