"""Answers 504 to a request whose response does not begin in time."""

import asyncio

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.problems import problem_response
from service.errors import TookTooLong

#: The ``Retry-After`` of the 504 response, in seconds.
RETRY_AFTER_S = 5


class Deadline:
    """ASGI middleware that limits the time until a response begins; a stream that has begun may take any time.

    Args:
        app: The application inside.
        timeout_s: The time from the request's head to the response's head, in seconds; it includes reading the body.
    """

    def __init__(self, app: ASGIApp, *, timeout_s: float) -> None:
        self._app, self._timeout_s = app, timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a deadline."""
        if scope["type"] == "http":
            await _Request(scope, receive, send, timeout_s=self._timeout_s).run(self._app)
        else:
            await self._app(scope, receive, send)


class _Request:
    """One request and its only response: the application's, or the 504 if the deadline passes before that begins.

    `asyncio.timeout` would not do: it cancels the application and then waits for it, but code in a thread cannot be
    cancelled. So the 504 is sent by a task of its own, at once.
    """

    __slots__ = ("_app_task", "_has_begun", "_receive", "_scope", "_send", "_timeout_response", "_timeout_s")

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, timeout_s: float) -> None:
        self._scope, self._receive, self._send, self._timeout_s = scope, receive, send, timeout_s
        self._app_task = asyncio.current_task()
        self._has_begun = False
        self._timeout_response: asyncio.Task[None] | None = None

    async def run(self, app: ASGIApp) -> None:
        """Run the application; return when one of the two responses is sent."""
        timer = asyncio.get_running_loop().call_later(self._timeout_s, self._time_out)
        try:
            await app(self._scope, self._receive, self._send_in_time)
        except asyncio.CancelledError:
            if not self._was_timed_out():
                raise
        finally:
            timer.cancel()
            if self._timeout_response:
                await self._timeout_response

    async def _send_in_time(self, message: Message) -> None:
        """Send a message of the application; drop it if the 504 is under way."""
        if self._timeout_response is None:
            self._has_begun = True
            await self._send(message)

    def _time_out(self) -> None:
        """Send the 504 and cancel the application, unless its response has begun; the timer calls this."""
        if self._has_begun or self._app_task is None:
            return
        error = TookTooLong(
            f"The response did not begin within {self._timeout_s:g} seconds; retry, or send a smaller request.",
            retry_after_s=RETRY_AFTER_S,
        )
        response = problem_response(Request(self._scope), error)
        response.headers["Connection"] = "close"  # the rest of the request's body stays unread
        self._timeout_response = asyncio.create_task(response(self._scope, self._receive, self._send))
        self._app_task.cancel()

    def _was_timed_out(self) -> bool:
        """Return whether only the timer cancelled the application; if the server did too, that cancellation goes on."""
        return self._timeout_response is not None and self._app_task is not None and self._app_task.uncancel() == 0
