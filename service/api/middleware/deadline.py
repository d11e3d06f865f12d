"""How long an answer may take to begin."""

import asyncio

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.problems import answer_to
from service.errors import TookTooLong

#: When to come back after an answer that took too long, in seconds.
RETRY_AFTER_S = 5


class TimeLimit:
    """Answers that it took too long where an answer has not begun in time; a stream that has begun may go on.

    The application's task is cancelled. What it does in a thread cannot be, so the answer does not wait for it.

    Args:
        app: What it guards.
        timeout_s: The time, in seconds, from the request's first byte on.
    """

    def __init__(self, app: ASGIApp, *, timeout_s: float) -> None:
        self._app, self._timeout_s = app, timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look at the clock."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _WatchedResponse(scope, receive, send, asyncio.current_task())
        alarm = asyncio.get_running_loop().call_later(self._timeout_s, watched.expire, self._timeout_s)
        try:
            await self._app(scope, receive, watched.send)
        except asyncio.CancelledError:
            if not watched.forgive():
                raise
        finally:
            alarm.cancel()
            if watched.apology:
                await watched.apology


class _WatchedResponse:
    """One request, whose answer begins once: by the application, or by the clock."""

    __slots__ = ("_begun", "_receive", "_scope", "_send", "_task", "apology")

    def __init__(self, scope: Scope, receive: Receive, send: Send, task: "asyncio.Task[None] | None") -> None:
        self._scope, self._receive, self._send, self._task = scope, receive, send, task
        self._begun = False
        self.apology: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """What the application answers, unless the clock has."""
        if self.apology is None:
            self._begun = True
            await self._send(message)

    def expire(self, timeout_s: float) -> None:
        """The time is up."""
        if self._begun or self._task is None:
            return
        error = TookTooLong(f"No answer began within {timeout_s:g} seconds.", retry_after_s=RETRY_AFTER_S)
        answer = answer_to(Request(self._scope), error)
        answer.headers["Connection"] = "close"  # there may be a body that nobody reads any more
        self.apology = asyncio.create_task(answer(self._scope, self._receive, self._send))
        self._task.cancel()

    def forgive(self) -> bool:
        """Whether it was the clock that cancelled, and nobody else."""
        return self.apology is not None and self._task is not None and self._task.uncancel() == 0
