"""Sees each request go by: how long it took by route, and one line in the log. Pure ASGI, as the hot route is in it."""

import logging
import time
from collections.abc import Callable
from typing import Any, Literal

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.request_info import NO_STATUS, job_of, method_of, route_of
from service.api.live.metrics import Metrics

#: The logger whose lines they are.
ACCESS = "naivenet.access"


class AccessLog:
    """ASGI middleware around all others.

    A request's latency is the time until its answer begins: a stream is not slow because somebody watches for long.

    Args:
        app: What it observes.
        metrics: Where it counts.
        level: At which level of the log requests have their lines.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, level: Literal["off", "debug", "info"]) -> None:
        self._app, self._metrics = app, metrics
        is_on = level != "off" and logging.getLogger(ACCESS).isEnabledFor(getattr(logging, level.upper()))
        self._line: Callable[..., object] | None = getattr(structlog.get_logger().bind(), level) if is_on else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look at its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, latency_s = time.perf_counter(), NO_STATUS, None

        async def seen(message: Message) -> None:
            nonlocal status, latency_s
            if message["type"] == "http.response.start":
                status, latency_s = message["status"], time.perf_counter() - began
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            ended = time.perf_counter() - began
            self._metrics.answered(route_of(scope), method_of(scope), status, ended if latency_s is None else latency_s)
            if line := self._line:
                line("request", logger=ACCESS, **_told(scope, status, ended))


def _told(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    told = {"method": scope["method"], "path": scope["path"], "route": route_of(scope), "status": status}
    return {**told, "ms": round(seconds * 1000, 2), **job_of(scope)}
