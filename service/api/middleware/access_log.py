"""Counts and logs every request."""

import logging
import time
from collections.abc import Callable
from typing import Any, Literal

import structlog
from starlette.types import Scope

from service.api.http.request_info import job_of, method_of, route_of
from service.api.live.metrics import Metrics

#: The logger of the access log.
ACCESS = "naivenet.access"


class AccessLog:
    """Counts each request in the metrics, and writes one log line.

    Args:
        metrics: Where requests are counted.
        level: The log level of the lines.
    """

    def __init__(self, metrics: Metrics, *, level: Literal["off", "debug", "info"]) -> None:
        self._metrics = metrics
        is_on = level != "off" and logging.getLogger(ACCESS).isEnabledFor(getattr(logging, level.upper()))
        self._log: Callable[..., object] | None = getattr(structlog.get_logger().bind(), level) if is_on else None

    def record(self, scope: Scope, *, status: int, began: float, latency_s: float | None) -> None:
        """Record a request that ends now, with its latency, or with its duration if no response began.

        The latency is the time until the response began: a stream is not slow because a client reads it for long.
        """
        duration_s = time.perf_counter() - began
        seconds = duration_s if latency_s is None else latency_s
        self._metrics.count_request(route_of(scope), method_of(scope), status, seconds)
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
