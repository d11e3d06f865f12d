"""Content codings (RFC 9110, 8.4): compressed request bodies are inflated, long JSON answers compressed where asked."""

import gzip
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.inflation import CODINGS, InflatedBody
from service.api.http.negotiation import choose_coding
from service.api.http.request_info import first_headers, header_of
from service.errors import UnsupportedCoding

#: The shortest answer that is compressed, and the longest that is compressed on the event loop, in bytes.
MIN_BYTES, MAX_ON_EVENT_LOOP = 1024, 32_768

#: How the paths end whose answers stay as they are: many clients ask for gzip by default, and it would slow them down.
PREDICTIONS = "predict"

_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    "deflate": zlib.compress,
}


def inflating(scope: Scope, receive: Receive) -> Receive:
    """Return *receive* with the request's body inflated, if it has a content coding.

    Raises:
        UnsupportedCoding: It is neither gzip nor deflate.
    """
    coding = (header_of(scope, b"content-encoding") or "").strip().lower()
    if coding in {"", "identity"}:
        return receive
    if coding not in CODINGS:
        raise UnsupportedCoding(f"The content coding {coding!r} is not supported; send gzip, deflate or none.")
    of_compressed = {b"content-encoding", b"content-length"}
    scope["headers"] = [each for each in scope["headers"] if each[0] not in of_compressed]
    first_headers(scope).pop(b"content-length", None)
    return InflatedBody(receive, coding).receive


class CompressedAnswers:
    """ASGI middleware that compresses long JSON answers for clients that accept it; never streams or predictions.

    Args:
        app: The application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on; no coroutine of its own, because predictions pass it too."""
        if scope["type"] != "http" or scope["path"].endswith(PREDICTIONS):
            return self._app(scope, receive, send)
        accepted = first_headers(scope).get(b"accept-encoding", b"")
        return self._app(scope, receive, _Answer(send, choose_coding(accepted)).send)


@dataclass
class _Answer:
    """One answer, whose head waits for its body if that may be compressed."""

    _send: Send
    _coding: str | None
    _head: Message | None = None

    async def send(self, message: Message) -> None:
        """Send a message of the application, with another body and head where it is compressed."""
        if message["type"] == "http.response.start" and _is_long_json(message):
            MutableHeaders(raw=message["headers"]).add_vary_header("Accept-Encoding")
            self._head = message if self._coding else None
            if self._head:
                return
        elif self._head and self._coding:
            head, self._head = self._head, None
            if not message.get("more_body", False):
                message = {**message, "body": await _compressed(message["body"], self._coding)}
                _describe(head, len(message["body"]), self._coding)
            await self._send(head)
        await self._send(message)


def _is_long_json(head: Message) -> bool:
    headers = dict(head["headers"])
    return (
        b"json" in headers.get(b"content-type", b"")
        and b"content-encoding" not in headers
        and b"content-range" not in headers
        and int(headers.get(b"content-length", b"0")) > MIN_BYTES
    )


async def _compressed(body: bytes, coding: str) -> bytes:
    if len(body) <= MAX_ON_EVENT_LOOP:
        return _COMPRESS[coding](body)
    return await run_in_threadpool(_COMPRESS[coding], body)


def _describe(head: Message, size: int, coding: str) -> None:
    headers = MutableHeaders(raw=head["headers"])
    headers["Content-Encoding"], headers["Content-Length"] = coding, str(size)
    if etag := headers.get("ETag"):
        headers["ETag"] = etag if etag.startswith("W/") else f"W/{etag}"  # a strong one names the plain bytes
