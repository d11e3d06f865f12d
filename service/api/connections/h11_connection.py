"""A limited connection on h11, a parser in Python, for platforms without httptools."""

from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.api.connections.limited_connection import LimitedConnection
from service.api.connections.limits import MAX_HEAD_BYTES, MAX_HEAD_LINES


class H11Connection(LimitedConnection, H11Protocol):
    """h11 limits what it has not parsed yet, and refuses several hosts; the rest is here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = self._parser = _Parser(h11.SERVER, MAX_HEAD_BYTES)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived."""
        super().data_received(data)
        self.time_head(is_in_head=self._is_in_head())

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's signature
        """Answer what the parser did not accept."""
        is_over = self._parser.is_over or len(self.conn.trailing_data[0]) > MAX_HEAD_BYTES
        self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if is_over else HTTPStatus.BAD_REQUEST)

    def _is_in_head(self) -> bool:
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])


class _Parser(h11.Connection):
    """h11's parser, which also limits a complete head.

    Attributes:
        is_over: Whether a head was over the limit.
    """

    is_over = False

    def next_event(self) -> Any:
        """Return the next event.

        Raises:
            h11.RemoteProtocolError: The client broke the protocol, or a limit.
        """
        event = super().next_event()
        if isinstance(event, h11.Request) and _is_over(event):
            self.is_over = True
            raise h11.RemoteProtocolError("the head is too large", error_status_hint=431)
        return event


def _is_over(request: h11.Request) -> bool:
    size = len(request.target) + sum(len(name) + len(value) for name, value in request.headers)
    return size > MAX_HEAD_BYTES or len(request.headers) > MAX_HEAD_LINES
