"""One request and its response: the only place that wraps the server's ``send``."""

import asyncio
import time
from collections.abc import Awaitable

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.problems import problem_response
from service.api.http.request_info import NO_STATUS
from service.api.middleware.headers import Headers, SecurityHeaders
from service.errors import TookTooLong

#: The ``Retry-After`` of the 504 response, in seconds.
RETRY_AFTER_S = 5


class Exchange:
    """A request and its only response: the application's, or a 504 if that does not begin in time.

    `asyncio.timeout` would not do: it cancels the application and then waits for it, but code in a thread cannot be
    cancelled. So the 504 is sent by a task of its own, at once.

    Attributes:
        began: When the request did, by `time.perf_counter`.
        status: The status of the response.
        latency_s: The time until it began, in seconds; None before that.
    """

    __slots__ = ("_app_task", "_headers", "_late", "_request_id", "_scope", "_send", "began", "latency_s", "status")

    def __init__(self, scope: Scope, send: Send, *, headers: SecurityHeaders, request_id: str) -> None:
        self.began = time.perf_counter()
        self._scope, self._send, self._headers, self._request_id = scope, send, headers, request_id
        self._app_task = asyncio.current_task()
        self._late: asyncio.Task[None] | None = None
        self.status = NO_STATUS
        self.latency_s: float | None = None

    async def run(self, app: ASGIApp, receive: Receive, *, timeout_s: float) -> None:
        """Run the application; return when one of the two responses is sent.

        The response must begin within *timeout_s*, which includes reading the body; a stream may then take any time.
        """
        timer = asyncio.get_running_loop().call_later(timeout_s, self._time_out, receive, timeout_s)
        try:
            await app(self._scope, receive, self._send_in_time)
        except asyncio.CancelledError:
            if not self._was_timed_out():
                raise
        finally:
            timer.cancel()
            if self._late:
                await self._late

    def _send_in_time(self, message: Message) -> Awaitable[None]:
        """Send a message of the application; drop it if the 504 is under way. No coroutine: each costs time."""
        return _drop() if self._late else self._send_complete(message)

    def _send_complete(self, message: Message) -> Awaitable[None]:
        """Send a message; a head with the headers that every response has."""
        if message["type"] == "http.response.start":
            self.status, self.latency_s = message["status"], time.perf_counter() - self.began
            own: Headers = message["headers"]
            request_id = b"x-request-id", self._request_id.encode("latin-1")
            message["headers"] = [*own, *self._headers.beside(own), request_id]
        return self._send(message)

    def _time_out(self, receive: Receive, timeout_s: float) -> None:
        """Send the 504 and cancel the application, unless its response has begun; the timer calls this."""
        if self.latency_s is not None or self._app_task is None:
            return
        error = TookTooLong(
            f"The response did not begin within {timeout_s:g} seconds; retry, or send a smaller request.",
            retry_after_s=RETRY_AFTER_S,
        )
        response = problem_response(Request(self._scope), error)
        response.headers["Connection"] = "close"  # the rest of the request's body stays unread
        self._late = asyncio.create_task(response(self._scope, receive, self._send_complete))
        self._app_task.cancel()

    def _was_timed_out(self) -> bool:
        """Return whether only the timer cancelled the application; if the server did too, that cancellation goes on."""
        return self._late is not None and self._app_task is not None and self._app_task.uncancel() == 0


async def _drop() -> None:
    """Do nothing."""
