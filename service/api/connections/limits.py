"""Limits on connections, and the responses to what exceeds them, before a request reaches the application."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson

from service.api.http.problems import MEDIA_TYPE
from service.api.siblings import Siblings

#: The largest head of a request, in bytes and in header lines. The trailer of a chunked body has the same limit.
MAX_HEAD_BYTES, MAX_HEAD_LINES = 32_768, 100

#: How long, and for how many bytes, a refused request is read on before its connection closes.
LINGER_S, LINGER_BYTES = 2.0, 512_000_000

#: The ``Retry-After`` of a refused connection, in seconds.
RETRY_AFTER_S = 5

_PROBLEMS: Mapping[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("bad_request", "The request is not valid HTTP."),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "too_many_requests",
        "This address has too many connections open; close some, or retry later.",
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        "head_too_large",
        f"The head of a request may have at most {MAX_HEAD_BYTES} bytes and {MAX_HEAD_LINES} header lines.",
    ),
}


class HeadTooLarge(Exception):  # only a parser's callback raises it; the client gets a 431
    """The head of a request is over the limit."""


@dataclass(frozen=True, kw_only=True)
class ConnectionLimits:
    """Limits on connections.

    Attributes:
        head_timeout_s: The longest time in which a connection must send the head of its request.
        write_timeout_s: The longest time in which a client must read some of the response that waits for it.
        max_of_one_address: The largest number of connections of one address; 0 for no limit.
        siblings: Counts connections to all API processes.
    """

    head_timeout_s: float
    write_timeout_s: float
    max_of_one_address: int
    siblings: Siblings

    def opened(self, address: str) -> bool:
        """Count a connection; return whether its address may have that many."""
        self.siblings.add_connection(address, 1)
        return not self.max_of_one_address or self.siblings.connections(address) <= self.max_of_one_address

    def closed(self, address: str) -> None:
        """Count a connection as closed."""
        self.siblings.add_connection(address, -1)


def refusal(status: HTTPStatus) -> bytes:
    """Return a whole response with a problem document, for a connection that closes afterwards."""
    code, detail = _PROBLEMS[status]
    body = orjson.dumps(
        {"type": f"/docs/problems#{code}", "title": status.phrase, "status": status, "detail": detail, "code": code}
    )
    retry = [f"retry-after: {RETRY_AFTER_S}"] if status == HTTPStatus.TOO_MANY_REQUESTS else []
    head = [f"HTTP/1.1 {status} {status.phrase}", f"content-type: {MEDIA_TYPE}", f"content-length: {len(body)}", *retry]
    return "\r\n".join([*head, "connection: close", "", ""]).encode() + body
