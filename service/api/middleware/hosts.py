"""Unknown Host headers are rejected."""

import functools
from collections.abc import Sequence

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.http.problems import answer_to
from service.errors import Misdirected

#: Of so many different `Host` headers the verdict is remembered.
REMEMBERED_HOSTS = 256


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
