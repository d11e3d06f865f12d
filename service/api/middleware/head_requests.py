"""Answers HEAD wherever a GET is answered: the same head, without a body."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What a route puts into the scope, for metrics, logs and traces around this middleware.
_FROM_ROUTE = ("route", "path_params")


class HeadRequests:
    """ASGI middleware that runs the GET route of a HEAD request, and ends the response after its head.

    Args:
        app: The application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on; no coroutine of its own, because predictions pass it too."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        return self._head(scope, receive, send) if is_head else self._app(scope, receive, send)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_head = False

        async def receive_until_head() -> Message:
            return {"type": "http.disconnect"} if has_head else await receive()  # a stream ends when its client is gone

        async def send_head(message: Message) -> None:
            nonlocal has_head
            if message["type"] == "http.response.start":
                has_head = True
                await send(message)
                await send({"type": "http.response.body"})

        inner = {**scope, "method": "GET"}
        await self._app(inner, receive_until_head, send_head)
        scope.update({name: inner[name] for name in _FROM_ROUTE if name in inner})
