"""Closes connections of slow clients: a few hundred silent connections must not exhaust the server (Slowloris)."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with a timeout in seconds for the head of each request.

    The first request's time starts with the connection, a later one's with its first byte. uvicorn's own
    ``timeout_keep_alive`` limits only the wait between a response and the next request.
    """

    timeout_s: float
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the timer for the first request."""
        super().connection_made(transport)
        self._start_timer()

    def on_message_begin(self) -> None:
        """Start the timer anew with the first byte of a request."""
        self._start_timer()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop the timer: from the complete head on, `service.api.middleware.deadline` limits the request."""
        self._stop_timer()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of a closed connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(self.timeout_s, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()


def header_timeout_protocol(timeout_s: float) -> type[HeaderTimeoutProtocol]:
    """Return the protocol class with this timeout; uvicorn makes its instances."""
    return type("HeaderTimeoutProtocol", (HeaderTimeoutProtocol,), {"timeout_s": timeout_s})
