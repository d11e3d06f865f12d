"""A limited connection on httptools, uvicorn's parser in C."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from service.api.connections.limited_connection import LimitedConnection
from service.api.connections.limits import MAX_HEAD_BYTES, MAX_HEAD_LINES, HeadTooLarge

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class HttpToolsConnection(LimitedConnection, HttpToolsProtocol):
    """httptools has no limits of its own: it collects the line of a head as long as one arrives.

    Bytes are counted as they arrive, since the parser reports only complete lines. The count of a head that arrived
    together with others can be too high; then its lines are measured.
    """

    _is_in_head = False
    _head_bytes = 0
    _refused_as = HTTPStatus.BAD_REQUEST

    def data_received(self, data: bytes) -> None:
        """Parse what arrived; refuse a head that is over the limit without being complete."""
        self._head_bytes = self._head_bytes + len(data) if self._is_in_head else len(data)
        super().data_received(data)
        self.time_head(is_in_head=self._is_in_head)
        if self._is_in_head and self._head_bytes > MAX_HEAD_BYTES:
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Count and time the request's head anew."""
        self._is_in_head = True
        if self.cycle and not self.cycle.response_complete:
            self._head_bytes = 0  # pipelined: what arrived also ends another request
        self.stop_head_timer()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Check the head before the application sees it.

        Raises:
            HeadTooLarge: It has too many bytes or lines.
            ValueError: It names several hosts, so that this service and a proxy could understand it differently.
        """
        self._is_in_head = False
        if len(self.headers) > MAX_HEAD_LINES or (
            self._head_bytes > MAX_HEAD_BYTES and self._measured() > MAX_HEAD_BYTES
        ):
            self._refused_as = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise HeadTooLarge
        if [name for name, _ in self.headers].count(b"host") > 1:
            raise ValueError("several Host headers")
        super().on_headers_complete()
        if self.scope["http_version"] == "1.0":
            self.cycle.__class__ = _OldResponse

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's signature
        """Answer what the parser, or a callback above, did not accept."""
        self.refuse(self._refused_as)

    def _measured(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)


class _OldResponse(RequestResponseCycle):
    """A response to an HTTP/1.0 client, which does not know chunks: without a length, it ends with the connection.

    h11 does the same by itself.
    """

    _has_length = True

    async def send(self, message: "ASGISendEvent") -> None:
        """Send a part of the response."""
        if message["type"] == "http.response.start":
            self._has_length = any(name.lower() == b"content-length" for name, _ in message.get("headers", []))
            if not self._has_length:
                self.chunked_encoding, self.keep_alive = False, False
        elif message["type"] == "http.response.body" and not self._has_length:
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)
