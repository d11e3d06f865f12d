"""Serves under a path prefix, such as ``/digits`` behind nginx or JupyterHub's proxy: addresses get the prefix."""

import re
from collections.abc import Awaitable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service.api.http.request_info import path_prefix

_PREFIX = re.compile(rb"(/[A-Za-z0-9._~%@:+-]+)+")


class PathPrefix:
    """ASGI middleware that removes the prefix from paths and adds it to ``Location``; links read it from the context.

    It contains uvicorn's middleware for ``X-Forwarded-For``, which hides the address of the proxy from what is inside.

    Args:
        app: The application inside.
        prefix: The prefix of all requests; empty for none.
        trusted_proxies: The addresses whose ``X-Forwarded-*`` headers are believed, separated by commas.
    """

    def __init__(self, app: ASGIApp, *, prefix: str, trusted_proxies: str) -> None:
        self._proxied = ProxyHeadersMiddleware(app, trusted_proxies)  # type: ignore[arg-type]  # uvicorn's own ASGI types
        self._app: ASGIApp = self._proxied if trusted_proxies else app  # type: ignore[assignment]  # likewise
        self._prefix, self._trusts = prefix.encode(), bool(trusted_proxies)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on; no coroutine of its own, because predictions pass it too."""
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        prefix = self._prefix_of(scope) if self._trusts else self._prefix
        is_redirected = scope["path"].endswith("/")
        return (
            self._prefixed(prefix, scope, receive, send) if prefix or is_redirected else self._app(scope, receive, send)
        )

    def _prefix_of(self, scope: Scope) -> bytes:
        """Return a trusted proxy's ``X-Forwarded-Prefix``, or else the setting."""
        given = next((value for name, value in scope["headers"] if name == b"x-forwarded-prefix"), b"").rstrip(b"/")
        is_trusted = bool(given) and (scope.get("client") or ("",))[0] in self._proxied.trusted_hosts
        return given if is_trusted and _PREFIX.fullmatch(given) else self._prefix

    async def _prefixed(self, prefix: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        text = prefix.decode()
        if text and scope["path"].startswith(f"{text}/"):  # a proxy that passes the prefix on
            scope["path"], scope["raw_path"] = scope["path"][len(text) :], scope["raw_path"][len(text) :]

        async def send_with_prefix(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, _location(value, prefix)) if name == b"location" else (name, value)
                    for name, value in message["headers"]
                ]
            await send(message)

        token = path_prefix.set(text)
        try:
            await self._app(scope, receive, send_with_prefix)
        finally:
            path_prefix.reset(token)


def _location(value: bytes, prefix: bytes) -> bytes:
    """Return the address for the client: only the client knows which scheme and host the proxy has.

    A redirect, from a path with a trailing slash to the same one without, gets a relative address: JupyterHub's proxy
    adds its prefix to each redirect that begins with a slash, also to one that has the prefix.
    """
    parts = urlsplit(value)
    if not parts.netloc:
        return prefix + value
    return b"../" + parts.path.rpartition(b"/")[2] + (b"?" + parts.query if parts.query else b"")
