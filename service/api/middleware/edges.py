"""The outermost layers, plain ASGI: which hosts are answered, what every answer carries, how long one may take."""

import asyncio
import functools
from collections.abc import Sequence

from fastapi import Request
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.problems import answer_to
from service.errors import Misdirected, TookTooLong
from service.settings import Settings, words

POLICY = b"content-security-policy"

#: For answers that have no policy of their own: whatever they are taken for, they load nothing and nobody frames them.
#: A picture of a curve may style itself.
NOTHING = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"

ASKED = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Inference-Header-Content-Length",
]
ASKED += ["Last-Event-ID", "Range", "X-API-Key", "X-Request-ID"]

TOLD = ["Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Inference-Header-Content-Length", "Location"]
TOLD += ["RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-ID"]
TOLD += ["X-Next-After", "X-Sampled", "X-Status", "X-Total-Points"]

METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]

#: How long a browser may remember what it was told of another site's pages, in seconds.
REMEMBERED_S = 3600

#: Of so many different `Host` headers the verdict is remembered.
REMEMBERED_HOSTS = 256

#: When to come back after an answer that took too long, in seconds.
RETRY_AFTER_S = 5


def with_edges(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The application inside its outermost layers."""
    app = TimeLimit(app, timeout_s=settings.request_timeout_s)
    origins = words(settings.cors_origins)
    if origins:
        app = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=ASKED,
            expose_headers=TOLD,
            max_age=REMEMBERED_S,
        )
    shared = b"cross-origin" if origins else b"same-origin"
    return SecurityHeaders(TrustedHosts(app, settings.resolved_trusted_hosts), resource_policy=shared)


class SecurityHeaders:
    """Puts the headers that keep browsers from misusing an answer on every one.

    Args:
        app: What it guards.
        resource_policy: Whether pages of other sites may show what is answered.
    """

    def __init__(self, app: ASGIApp, *, resource_policy: bytes) -> None:
        self._app = app
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", resource_policy),
        ]
        self._with_policy = [*self._headers, (POLICY, NOTHING)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with more headers."""

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                own = POLICY in [name for name, _ in headers]
                message["headers"] = [*headers, *(self._headers if own else self._with_policy)]
            await send(message)

        await self._app(scope, receive, shielded)


class TrustedHosts:
    """Answers only who asks for one of these names: a page elsewhere can make a name point here, but not change it.

    Args:
        app: What it guards.
        names: Such as ``example.org`` or ``*.example.org``; none, or ``*``, for any.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app, self._names = app, frozenset() if "*" in names else frozenset(name.lower() for name in names)
        self._knows = functools.lru_cache(maxsize=REMEMBERED_HOSTS)(self._look_up)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its host is known."""
        if self._names and scope["type"] == "http" and not self._knows(_host_header(scope)):
            host = host_of(_host_header(scope))
            error = Misdirected(f"No host {host!r} is answered for here; NAIVENET_TRUSTED_HOSTS lists those that are.")
            await answer_to(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _look_up(self, header: bytes) -> bool:
        host = host_of(header)
        return host in self._names or f"*.{host.partition('.')[2]}" in self._names


def _host_header(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"host":
            found: bytes = value
            return found
    return b""


def host_of(header: bytes) -> str:
    """The host that a request is for, without its port."""
    host = header.decode("latin-1").lower()
    return host if host.endswith("]") else host.rpartition(":")[0] or host


class TimeLimit:
    """Answers that it took too long where an answer has not begun in time; a stream that has begun may go on.

    The application's task is cancelled. What it does in a thread cannot be, so the answer does not wait for it.

    Args:
        app: What it guards.
        timeout_s: The time, in seconds, from the request's first byte on.
    """

    def __init__(self, app: ASGIApp, *, timeout_s: float) -> None:
        self._app, self._timeout_s = app, timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look at the clock."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _WatchedResponse(scope, receive, send, asyncio.current_task())
        alarm = asyncio.get_running_loop().call_later(self._timeout_s, watched.expire, self._timeout_s)
        try:
            await self._app(scope, receive, watched.send)
        except asyncio.CancelledError:
            if not watched.forgive():
                raise
        finally:
            alarm.cancel()
            if watched.apology:
                await watched.apology


class _WatchedResponse:
    """One request, whose answer begins once: by the application, or by the clock."""

    __slots__ = ("_begun", "_receive", "_scope", "_send", "_task", "apology")

    def __init__(self, scope: Scope, receive: Receive, send: Send, task: "asyncio.Task[None] | None") -> None:
        self._scope, self._receive, self._send, self._task = scope, receive, send, task
        self._begun = False
        self.apology: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """What the application answers, unless the clock has."""
        if self.apology is None:
            self._begun = True
            await self._send(message)

    def expire(self, timeout_s: float) -> None:
        """The time is up."""
        if self._begun or self._task is None:
            return
        error = TookTooLong(f"No answer began within {timeout_s:g} seconds.", retry_after_s=RETRY_AFTER_S)
        answer = answer_to(Request(self._scope), error)
        answer.headers["Connection"] = "close"  # there may be a body that nobody reads any more
        self.apology = asyncio.create_task(answer(self._scope, self._receive, self._send))
        self._task.cancel()

    def forgive(self) -> bool:
        """Whether it was the clock that cancelled, and nobody else."""
        return self.apology is not None and self._task is not None and self._task.uncancel() == 0
