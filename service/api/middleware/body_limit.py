"""How large a body may be."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import TooLarge


class BodyLimit:
    """ASGI middleware that refuses a body over its limit: by its declared length, or while it is being read.

    Args:
        app: What it guards.
        max_body_bytes: For every path.
        uploads: Paths with a larger limit of their own.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, uploads: dict[str, int]) -> None:
        self._app, self._max_body_bytes, self._uploads = app, max_body_bytes, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads.get(scope["path"], self._max_body_bytes)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, _refusing(limit) if _declared(scope) > limit else counted, send)


def _refusing(limit: int) -> Receive:
    async def refuse() -> Message:
        raise _too_large(limit)

    return refuse


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit} bytes that are taken here.")


def _declared(scope: Scope) -> int:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(declared) if declared.isdigit() else 0
