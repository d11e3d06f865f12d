"""Counts and logs every request."""

import logging
import time
from collections.abc import Callable
from typing import Any, Literal

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.request_info import NO_STATUS, job_of, method_of, route_of
from service.api.live.metrics import Metrics

#: The logger of the access log.
ACCESS = "naivenet.access"


class AccessLog:
    """ASGI middleware that measures each request, counts it in the metrics and writes one log line.

    A request's latency is the time until its response begins: a stream is not slow because a client reads it for long.

    Args:
        app: The application inside.
        metrics: Where requests are counted.
        level: The log level of the lines.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, level: Literal["off", "debug", "info"]) -> None:
        self._app, self._metrics = app, metrics
        is_on = level != "off" and logging.getLogger(ACCESS).isEnabledFor(getattr(logging, level.upper()))
        self._log: Callable[..., object] | None = getattr(structlog.get_logger().bind(), level) if is_on else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and measure its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, latency_s = time.perf_counter(), NO_STATUS, None

        async def send_measured(message: Message) -> None:
            nonlocal status, latency_s
            if message["type"] == "http.response.start":
                status, latency_s = message["status"], time.perf_counter() - began
            await send(message)

        try:
            await self._app(scope, receive, send_measured)
        finally:
            duration_s = time.perf_counter() - began
            self._metrics.count_request(
                route_of(scope), method_of(scope), status, duration_s if latency_s is None else latency_s
            )
            if log := self._log:
                log("request", logger=ACCESS, **_fields(scope, status, duration_s))


def _fields(scope: Scope, status: int, duration_s: float) -> dict[str, Any]:
    return {
        "method": scope["method"],
        "path": scope["path"],
        "route": route_of(scope),
        "status": status,
        "ms": round(duration_s * 1000, 2),
        **job_of(scope),
    }
