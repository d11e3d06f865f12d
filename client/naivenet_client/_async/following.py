"""Follows the event log of a job, through broken connections and restarts of the service."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus

import httpx2
import msgspec

from naivenet_client._async.clock import sleep
from naivenet_client._async.http import AsyncHttp
from naivenet_client.connection import Request
from naivenet_client.errors import NaivenetClientError, Timeout, UnexpectedResponse
from naivenet_client.retries import may_pass, wait_s
from naivenet_client.schemas.events import Event, event_of
from naivenet_client.schemas.jobs import TERMINAL

#: After how much silence a stream is opened again, in seconds. The service sends a comment every 15 s.
SILENCE_S = 45.0

#: The same for a wait with a timeout, which is checked only when something arrives.
SILENCE_WITH_DEADLINE_S = 1.0


class _Page(msgspec.Struct):
    data: list[msgspec.Raw]
    status: str


class AsyncFollower(msgspec.Struct, kw_only=True):
    """Reads the event log of one job.

    Attributes:
        http: Sends the requests.
        job_id: The job.
        after: The number of the last event that was read.
        patience: For how many seconds a service that does not respond is tried again.
        deadline: When to stop, by `time.monotonic`; None for never.
    """

    http: AsyncHttp
    job_id: str
    after: int
    patience: float
    deadline: float | None = None
    _failures: int = 0
    _failing_since: float = 0.0

    async def events(self) -> AsyncGenerator[Event]:
        """Yield each event after *after* once, in order, until the job has ended.

        Raises:
            NotFound: There is no such job, or it was deleted meanwhile.
            Timeout: The deadline has passed.
            NaivenetClientError: The service did not respond for *patience* seconds.
        """
        while True:
            try:
                async with aclosing(self._stream()) as events:
                    async for event in events:
                        yield event
                if await self._is_over():
                    return
                await sleep(wait_s(None, 1))  # the service is stopping
            except NaivenetClientError as error:
                await self._wait_after(error.with_traceback(None))  # a reader of the error needs no frames of a stream

    async def _stream(self) -> AsyncGenerator[Event]:
        """Yield what one connection gives."""
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(self.after)}
        request = Request(method="GET", path=self._path, headers=headers)
        silence_s = SILENCE_S if self.deadline is None else SILENCE_WITH_DEADLINE_S
        async with self.http.stream(request, silence_s=silence_s) as response:
            if response.status_code == HTTPStatus.NO_CONTENT:  # the job has ended before this connection
                return
            async for sent in httpx2.EventSource(response, max_event_size=None):
                self._check_deadline()
                if not sent.data:
                    continue
                event = event_of(sent.data)
                if event.number <= self.after:
                    continue
                if event.number > self.after + 1:
                    raise UnexpectedResponse(f"Event {self.after + 1} of {self.job_id} is missing in the stream.")
                self.after, self._failures = event.number, 0
                yield event

    async def _is_over(self) -> bool:
        """Return whether a stream that ended properly was the last one."""
        request = Request(method="GET", path=self._path, params={"after": self.after, "limit": 1})
        page = await self.http.fetch(_Page, request)
        return page.status in TERMINAL and not page.data

    async def _wait_after(self, error: NaivenetClientError) -> None:
        """Wait before the next connection, or raise *error* if another one does not help."""
        self._check_deadline()
        if isinstance(error, Timeout) and self.deadline is not None:
            return
        if not may_pass(error, repeatable=True):
            raise error
        now = time.monotonic()
        self._failing_since = self._failing_since if self._failures else now
        self._failures += 1
        if now - self._failing_since > self.patience:
            raise error
        await sleep(wait_s(error, self._failures))

    def _check_deadline(self) -> None:
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise Timeout(f"{self.job_id} has not ended in time; it continues in the service.")

    @property
    def _path(self) -> str:
        return f"/v1/jobs/{self.job_id}/events"
