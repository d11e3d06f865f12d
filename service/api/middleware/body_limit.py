"""Limits request bodies: 413 to one that is too large, 503 to one too many large ones, or while the service stops."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import ComeBackLater, TooLarge

#: Bodies beyond this size count as large, in bytes.
LARGE_BYTES = 1_000_000

#: How long a large body waits for others to be finished, and when its client may retry after that, in seconds.
WAIT_S, RETRY_AFTER_S = 5.0, 5


class BodyLimit:
    """ASGI middleware that raises `TooLarge` when the application reads a body over the limit.

    A body with a ``Content-Length`` over the limit fails at the first read, any other while it is read. FastAPI's own
    ``max_body_size`` answers in plain text: see docs/decisions/0013-our-own-body-limit.md.

    Args:
        app: The application inside.
        max_body_bytes: The limit of every path.
        uploads: Paths with a larger limit of their own.
        max_large: How many large bodies are read and processed at a time, of uploads and of the other paths each.
        wait_s: How long a further one waits, in seconds.
        stopping: Set when the service stops: uploads that have not arrived by then are refused, so that they do not
            break off at the end of the grace period.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body_bytes: int,
        uploads: dict[str, int],
        max_large: int,
        stopping: asyncio.Event,
        wait_s: float = WAIT_S,
    ) -> None:
        self._app, self._max_body_bytes, self._uploads = app, max_body_bytes, uploads
        self._slots = {is_upload: asyncio.Semaphore(max_large) for is_upload in (False, True)}
        self._stopping, self._wait_s = stopping, wait_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count the bytes that are read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads.get(scope["path"], self._max_body_bytes)
        is_upload = scope["path"] in self._uploads
        received, has_slot = 0, False

        async def receive_within_limit() -> Message:
            nonlocal received, has_slot
            message = await (self._unless_stopping(receive) if is_upload else receive())
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            if received > LARGE_BYTES and not has_slot:
                await self._take_slot(self._slots[is_upload])
                has_slot = True
            return message

        is_over = _content_length(scope) > limit
        try:
            await self._app(scope, _refusing(limit) if is_over else receive_within_limit, send)
        finally:
            if has_slot:
                self._slots[is_upload].release()

    async def _take_slot(self, slots: asyncio.Semaphore) -> None:
        try:
            await asyncio.wait_for(slots.acquire(), self._wait_s)
        except TimeoutError as error:
            raise ComeBackLater(
                "The service is reading as many large request bodies as it may at a time; retry later.",
                retry_after_s=RETRY_AFTER_S,
            ) from error

    async def _unless_stopping(self, receive: Receive) -> Message:
        message, stopping = asyncio.ensure_future(receive()), asyncio.ensure_future(self._stopping.wait())
        try:
            done, _ = await asyncio.wait({message, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if message in done:
                return message.result()
        finally:
            message.cancel()
            stopping.cancel()
        raise ComeBackLater(
            "The service stops, and the upload is not complete; send it again.", retry_after_s=RETRY_AFTER_S
        )


def _refusing(limit: int) -> Receive:
    async def refuse() -> Message:
        raise _too_large(limit)

    return refuse


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request body is larger than the limit of {limit} bytes.")


def _content_length(scope: Scope) -> int:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(declared) if declared.isdigit() else 0
