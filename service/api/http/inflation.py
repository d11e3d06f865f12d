"""Inflates request bodies in gzip and deflate, piece by piece, so that a bomb takes no memory."""

import asyncio
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.types import Message, Receive

from service.errors import MalformedBody

if TYPE_CHECKING:
    from zlib import _Decompress

#: How much is inflated at a time, and how much input may give no output at all, in bytes.
PIECE_BYTES, MAX_EMPTY_BYTES = 65_536, 1_000_000

_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def _gzip(_: bytes) -> "_Decompress":
    return zlib.decompressobj(_GZIP)


def _deflate(data: bytes) -> "_Decompress":
    """Return a decompressor of zlib's format, which RFC 9110 means, or of raw deflate, which some clients send."""
    is_zlib = data[0] & 0x0F == zlib.DEFLATED
    return zlib.decompressobj(_ZLIB if is_zlib else _RAW)


#: The codings that a request body may have.
CODINGS: dict[str, Callable[[bytes], "_Decompress"]] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


class InflatedBody:
    """A body whose ASGI messages have the inflated bytes.

    Args:
        receive: Gives the messages of the compressed body.
        coding: One of `CODINGS`.
    """

    def __init__(self, receive: Receive, coding: str) -> None:
        self._receive, self._coding = receive, coding
        self._decompressor: _Decompress | None = None
        self._left, self._has_more, self._received, self._inflated = b"", True, 0, 0

    async def receive(self) -> Message:
        """Return the next message, with at most `PIECE_BYTES` of the inflated body.

        Raises:
            MalformedBody: The body is damaged or incomplete.
        """
        while not self._left and self._has_more:
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._left, self._has_more = message.get("body", b""), message.get("more_body", False)
            self._received += len(self._left)
        if self._inflated:
            await asyncio.sleep(0)  # other requests are answered between two pieces
        piece = self._next_piece()
        self._inflated += len(piece)
        self._check_progress()
        return {"type": "http.request", "body": piece, "more_body": self._has_more or bool(self._left)}

    def _next_piece(self) -> bytes:
        if not self._left:
            return b""
        if self._decompressor is None or self._decompressor.eof:  # gzip may have several members
            self._decompressor = CODINGS[self._coding](self._left)
        try:
            piece = self._decompressor.decompress(self._left, PIECE_BYTES)
        except zlib.error as error:
            raise MalformedBody(f"The body is not what Content-Encoding: {self._coding} says: {error}.") from error
        self._left = self._decompressor.unused_data if self._decompressor.eof else self._decompressor.unconsumed_tail
        return piece

    def _check_progress(self) -> None:
        is_over = not self._has_more and not self._left
        if is_over and self._decompressor and not self._decompressor.eof:
            raise MalformedBody(f"The body ends before its {self._coding} data do; send all of it.")
        if self._received > self._inflated + MAX_EMPTY_BYTES:
            raise MalformedBody(f"The {self._coding} data of the body inflate to almost nothing; send the plain body.")
