"""Answers 413 to a request body over the size limit."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import TooLarge


class BodyLimit:
    """ASGI middleware that raises `TooLarge` when the application reads a body over the limit.

    A body with a ``Content-Length`` over the limit fails at the first read, any other while it is read. FastAPI's own
    ``max_body_size`` answers in plain text: see docs/decisions/0013-our-own-body-limit.md.

    Args:
        app: The application inside.
        max_body_bytes: The limit of every path.
        uploads: Paths with a larger limit of their own.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, uploads: dict[str, int]) -> None:
        self._app, self._max_body_bytes, self._uploads = app, max_body_bytes, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count the bytes that are read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads.get(scope["path"], self._max_body_bytes)
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        is_over = _content_length(scope) > limit
        await self._app(scope, _refusing(limit) if is_over else receive_within_limit, send)


def _refusing(limit: int) -> Receive:
    async def refuse() -> Message:
        raise _too_large(limit)

    return refuse


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request body is larger than the limit of {limit} bytes.")


def _content_length(scope: Scope) -> int:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(declared) if declared.isdigit() else 0
