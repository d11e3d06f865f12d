"""What both of uvicorn's HTTP protocols lack: timeouts, and a close that lets the client read the response first."""

import asyncio
from http import HTTPStatus
from typing import Any

from service.api.connections.limits import LINGER_BYTES, LINGER_S, MAX_HEAD_BYTES, ConnectionLimits, refusal


class LimitedConnection(asyncio.Protocol):
    """Base of a connection; the subclass also inherits one of uvicorn's protocols, and knows where a head begins.

    The first request's head timeout starts with the connection, a later one's with its first byte. uvicorn's own
    ``timeout_keep_alive`` limits only the wait between a response and the next request.
    """

    limits: ConnectionLimits
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    cycle: Any
    flow: Any
    _address = ""
    _unread_bytes: int | None = None  # how many more bytes a refused connection may send
    _silent_bytes = 0  # received since the body of the request last grew
    _head_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None
    _unsent_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the timer for the head of the first request; refuse a connection too many."""
        super().connection_made(transport)
        self.start_head_timer()
        self._address = (transport.get_extra_info("peername") or ("",))[0]
        if not self.limits.opened(self._address):
            self.refuse(HTTPStatus.TOO_MANY_REQUESTS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers of a closed connection."""
        self.limits.closed(self._address)
        self.stop_head_timer()
        self._stop_write_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection was refused; watch a body that did not arrive as a whole."""
        if self._unread_bytes is not None:
            self._discard(len(data))
            return
        cycle, before = self.cycle, len(self.cycle.body) if self.cycle else 0
        super().data_received(data)
        if self.cycle and self.cycle.more_body:
            self._watch_body(len(data), grew=self.cycle is not cycle or len(self.cycle.body) > before)

    def _watch_body(self, received: int, *, grew: bool) -> None:
        """Close the connection with care from now on; refuse a chunked body's endless trailer or extension."""
        if self.cycle.transport is self.transport:
            self.cycle.transport = _LingeringTransport(self.transport, self.linger)
        self._silent_bytes = 0 if grew or self.cycle.response_complete else self._silent_bytes + received
        if self._silent_bytes > MAX_HEAD_BYTES:
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # A refused connection

    def refuse(self, status: HTTPStatus) -> None:
        """Send a problem document, unless a response has begun, and close the connection."""
        if self._unread_bytes is None:
            if not (self.cycle and self.cycle.response_started and not self.cycle.response_complete):
                self.transport.write(refusal(status))
            self.linger()

    def linger(self) -> None:
        """Close the connection after the client could read the response.

        A socket that is closed while data arrives sends a reset, and a client that is still sending, such as Python's
        urllib, would never see the response. So the connection reads on for a while, and discards what it reads.
        """
        if self._unread_bytes is not None:
            return
        self._unread_bytes = LINGER_BYTES
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self.start_head_timer(LINGER_S)

    def _discard(self, received: int) -> None:
        self._unread_bytes = (self._unread_bytes or 0) - received
        if self._unread_bytes < 0:
            self._close()

    # The timer of a head, and of lingering

    def time_head(self, *, is_in_head: bool) -> None:
        """Time a head that did not arrive as a whole; most do, and need no timer."""
        if self._unread_bytes is not None:
            return
        if not is_in_head:
            self.stop_head_timer()
        elif self._head_timer is None:
            self.start_head_timer()

    def start_head_timer(self, timeout_s: float | None = None) -> None:
        """Close the connection after the timeout, unless the timer is stopped."""
        self.stop_head_timer()
        self._head_timer = self.loop.call_later(timeout_s or self.limits.head_timeout_s, self._close)

    def stop_head_timer(self) -> None:
        """Stop the timer: from the complete head on, `service.api.middleware.exchange` limits the request."""
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    # The timer of a response that the client does not read

    def pause_writing(self) -> None:
        """Start the timer: the client reads more slowly than the application sends."""
        super().pause_writing()
        self._start_write_timer()

    def resume_writing(self) -> None:
        """Stop the timer."""
        self._stop_write_timer()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, also if the client never reads the end of the last response."""
        super().timeout_keep_alive_handler()  # type: ignore[misc]  # uvicorn's
        self._start_write_timer()

    def _close(self) -> None:
        self.transport.close()  # it waits until the client has read everything
        self._start_write_timer()

    def _start_write_timer(self) -> None:
        self._stop_write_timer()
        self._unsent_bytes = self.transport.get_write_buffer_size()
        self._write_timer = self.loop.call_later(self.limits.write_timeout_s, self._check_progress)

    def _check_progress(self) -> None:
        if self.transport.get_write_buffer_size() >= self._unsent_bytes:
            self.transport.abort()
        else:
            self._start_write_timer()

    def _stop_write_timer(self) -> None:
        if self._write_timer:
            self._write_timer.cancel()


class _LingeringTransport:
    """A transport as uvicorn's response uses it, with another way to close."""

    def __init__(self, transport: asyncio.Transport, close: Any) -> None:
        self.write, self.is_closing, self.close = transport.write, transport.is_closing, close
