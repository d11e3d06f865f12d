"""Rejects unknown Host headers, which protects a service on localhost or in a private network from DNS rebinding."""

import functools
from collections.abc import Sequence

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.http.problems import problem_response
from service.errors import Misdirected

#: How many distinct `Host` headers the cache of decisions holds.
CACHED_HOSTS = 256

#: Paths that also answer requests without a Host header: old health checks send none, and a browser always does.
HEALTH_PATHS = frozenset({"/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"})


class TrustedHosts:
    """ASGI middleware that answers 421 to a request with an unknown Host header.

    In a DNS rebinding attack, a page of evil.example lets that name resolve to this machine. The browser then sends
    the page's requests here, but with ``Host: evil.example``, which the page cannot change.

    Starlette's ``TrustedHostMiddleware`` answers in plain text with status 400 and reads the header with each request;
    this one answers with a problem document and caches decisions.

    Args:
        app: The application inside.
        names: Host names such as ``example.org`` or ``*.example.org``; empty, or with ``*`` in it, to allow any.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app, self._names = app, frozenset() if "*" in names else frozenset(name.lower() for name in names)
        self._is_known = functools.lru_cache(maxsize=CACHED_HOSTS)(self._look_up)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its host is known."""
        if self._names and scope["type"] == "http" and not self._is_answered(scope):
            host = host_of(_host_header(scope))
            error = Misdirected(
                f"Unknown host {host!r} in the Host header; add it to NAIVENET_TRUSTED_HOSTS to allow it."
            )
            await problem_response(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_answered(self, scope: Scope) -> bool:
        header = _host_header(scope)
        return self._is_known(header) or (not header and scope["path"] in HEALTH_PATHS)

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
    """Return the host name in a Host header, without its port."""
    host = header.decode("latin-1").lower()
    return host if host.endswith("]") else host.rpartition(":")[0] or host
