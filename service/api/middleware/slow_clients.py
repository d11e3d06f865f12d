"""Connections on which nothing is asked: closed in time, or a few hundred of them would shut everybody else out."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """uvicorn's connection, that waits so long, in seconds, for the head of a request; for the next, once it began.

    uvicorn itself knows only how long to wait between an answer and the next request.
    """

    timeout_s: float
    _alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def on_message_begin(self) -> None:
        """The first byte of a request is here."""
        self._wait_for_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is whole: from here on the limit of the request holds."""
        self._wait_no_more()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._wait_no_more()
        self._alarm = self.loop.call_later(self.timeout_s, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._alarm:
            self._alarm.cancel()


def header_timeout_protocol(timeout_s: float) -> type[HeaderTimeoutProtocol]:
    """Connections that wait so long for a head."""
    return type("Impatient", (HeaderTimeoutProtocol,), {"timeout_s": timeout_s})
