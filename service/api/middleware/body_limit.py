"""Limits request bodies: 413 to one that is too large, 503 to one too many large ones, or while the service stops."""

import asyncio
from dataclasses import dataclass

from starlette.types import Message, Receive, Scope

from service.api.http.request_info import first_headers
from service.errors import ComeBackLater, TooLarge

#: Bodies beyond this size count as large, in bytes.
LARGE_BYTES = 1_000_000

#: How long a large body waits for others to be finished, and when its client may retry after that, in seconds.
WAIT_S, RETRY_AFTER_S = 5.0, 5


class BodyLimit:
    """The limits on request bodies.

    FastAPI's own ``max_body_size`` answers in plain text: see docs/decisions/0013-our-own-body-limit.md.

    Args:
        max_body_bytes: The limit of every path.
        uploads: Paths with a larger limit of their own.
        max_large: How many large bodies are read and processed at a time, of uploads and of the other paths each.
        stopping: Set when the service stops: uploads that have not arrived by then are refused, so that they do not
            break off at the end of the grace period.
        wait_s: How long a further large body waits, in seconds.
    """

    def __init__(
        self,
        *,
        max_body_bytes: int,
        uploads: dict[str, int],
        max_large: int,
        stopping: asyncio.Event,
        wait_s: float = WAIT_S,
    ) -> None:
        self._max_body_bytes, self._uploads, self._stopping, self._wait_s = max_body_bytes, uploads, stopping, wait_s
        self._slots = {is_upload: asyncio.Semaphore(max_large) for is_upload in (False, True)}

    def of(self, scope: Scope, receive: Receive) -> "LimitedBody | None":
        """Return the body within its limit; None if its length is declared and small: the server holds it to that."""
        headers, is_upload = first_headers(scope), scope["path"] in self._uploads
        limit = self._uploads[scope["path"]] if is_upload else self._max_body_bytes
        declared = headers.get(b"content-length", b"")
        length = int(declared) if declared.isdigit() and b"transfer-encoding" not in headers else None
        if length is not None and length <= min(limit, LARGE_BYTES) and not is_upload:
            return None
        stopping = self._stopping if is_upload else None
        slots, wait_s = self._slots[is_upload], self._wait_s
        return LimitedBody(
            messages=receive, limit=limit, declared=length or 0, slots=slots, wait_s=wait_s, stopping=stopping
        )


@dataclass(kw_only=True)
class LimitedBody:
    """One request body: its `receive` raises an error once the application reads beyond the limit.

    A large body takes one of the *slots* until it is released. One with *stopping* must be complete before that is set.
    """

    messages: Receive
    limit: int
    declared: int
    slots: asyncio.Semaphore
    wait_s: float
    stopping: asyncio.Event | None
    received: int = 0
    has_slot: bool = False

    async def receive(self) -> Message:
        """Return the next message.

        Raises:
            TooLarge: The body is over its limit, or its declared length is.
            ComeBackLater: Too many large bodies are being read, or the service stops.
        """
        if self.declared <= self.limit:
            message = await (self._unless(self.stopping) if self.stopping else self.messages())
            self.received += len(message.get("body", b""))
        if max(self.declared, self.received) > self.limit:
            raise TooLarge(f"The request body is larger than the limit of {self.limit} bytes.")
        if self.received > LARGE_BYTES and not self.has_slot:
            await self._take_slot()
        return message

    def release(self) -> None:
        """Let another large body be read."""
        if self.has_slot:
            self.slots.release()

    async def _take_slot(self) -> None:
        try:
            await asyncio.wait_for(self.slots.acquire(), self.wait_s)
        except TimeoutError as error:
            raise ComeBackLater(
                "The service is reading as many large request bodies as it may at a time; retry later.",
                retry_after_s=RETRY_AFTER_S,
            ) from error
        self.has_slot = True

    async def _unless(self, stopping: asyncio.Event) -> Message:
        message, stop = asyncio.ensure_future(self.messages()), asyncio.ensure_future(stopping.wait())
        try:
            done, _ = await asyncio.wait({message, stop}, return_when=asyncio.FIRST_COMPLETED)
            if message in done:
                return message.result()
        finally:
            message.cancel()
            stop.cancel()
        raise ComeBackLater(
            "The service stops, and the upload is not complete; send it again.", retry_after_s=RETRY_AFTER_S
        )
