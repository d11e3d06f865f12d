"""Sees each request go by: how long it took by route, and one line in the log. Pure ASGI, as the hot route is in it."""

import logging
import time
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Literal

import structlog
from asgi_correlation_id import correlation_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.domain.job import Origin
from service.operations.tracing import Tracing, traceparent

if TYPE_CHECKING:
    from service.api.live.metrics import Metrics  # it has a route, and routes tell of problems, which look here

#: The logger whose lines they are.
ACCESS = "naivenet.access"

#: Methods that have a name of their own in metrics: a client can send any word.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

#: What stands for a path that is no route, and for a status that nobody was there to get.
NO_ROUTE, NO_STATUS, OTHER = "none", 499, "OTHER"


class AccessLog:
    """ASGI middleware around all others.

    A request's latency is the time until its answer begins: a stream is not slow because somebody watches for long.

    Args:
        app: What it observes.
        metrics: Where it counts.
        level: At which level of the log requests have their lines.
    """

    def __init__(self, app: ASGIApp, *, metrics: "Metrics", level: Literal["off", "debug", "info"]) -> None:
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


class RequestTracing:
    """ASGI middleware that makes a span of each request, in the trace that the client says it belongs to.

    Args:
        app: What it wraps.
        tracing: Where spans go.
    """

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app, self._tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, inside its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)
        with self._tracing.span(scope["method"], parent=parent, is_request=True) as span:

            async def seen(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, seen)
            span.update_name(f"{method_of(scope)} {route_of(scope)}")
            span.set_attributes({"http.route": route_of(scope), "http.request.method": method_of(scope)})


def _told(scope: Scope, status: int, seconds: float) -> dict[str, Any]:
    told = {"method": scope["method"], "path": scope["path"], "route": route_of(scope), "status": status}
    return {**told, "ms": round(seconds * 1000, 2), **job_of(scope)}


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The template of the route that answered, such as ``/v1/jobs/{job_id}``: there are only so many."""
    route = scope.get("route")
    return NO_ROUTE if route is None else route.path_format


def method_of(scope: MutableMapping[str, Any]) -> str:
    """The method, if it is one that there is."""
    method: str = scope["method"]
    return method if method in METHODS else OTHER


def job_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """The job that a request is about, if it is about one."""
    job_id = scope.get("path_params", {}).get("job_id")
    return {"job_id": job_id} if job_id else {}


def context() -> dict[str, str | None]:
    """What each line of the log says of the request in which it was written."""
    return {"request_id": correlation_id.get()}


def origin() -> Origin:
    """What is kept with a job of the request that asked for it."""
    return Origin(request_id=correlation_id.get(), traceparent=traceparent())
