"""Broadcasts new events of jobs to their subscribers; one reader polls the database for all of them."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from service.api.background import periodically
from service.api.shared_calls import SharedCalls
from service.domain.event import Event, EventType
from service.domain.job import TERMINAL, Status
from service.store.jobs.events import EventStore, Head

#: How often the event logs of subscribed jobs are polled, and after how much silence a stream gets a keep-alive, in s.
TICK_S, KEEP_ALIVE_S = 0.05, 15.0

#: How many events a feed buffers, and how many are read at once. A subscriber further behind reads the database;
#: subscribers that are equally far behind share each query.
BUFFER_SIZE, PAGE_SIZE = 256, 200


@dataclass
class Feed:
    """The newest events of one job, buffered for its subscribers.

    Attributes:
        last: The number of the newest event.
        status: The job's status at that event; None once the job is deleted.
        subscribers: How many streams and long polls follow the job.
        published: Set at the next publication, and then replaced by a fresh event.
    """

    last: int
    status: Status | None
    subscribers: int = 0
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=BUFFER_SIZE))
    published: asyncio.Event = field(default_factory=asyncio.Event)
    published_at: float = field(default_factory=time.monotonic)

    def has_all_after(self, number: int) -> bool:
        """Return whether the buffer holds every event after *number*."""
        return number >= self.last - len(self.events)

    def after(self, number: int) -> list[Event]:
        """Return the buffered events after *number*."""
        return [self.events[index] for index in range(max(number - self.last, -len(self.events)), 0)]

    def is_over(self, number: int) -> bool:
        """Return whether no event will follow *number*."""
        return self.status is None or (self.status in TERMINAL and number >= self.last)

    def publish(self, events: Sequence[Event], status: Status | None) -> None:
        """Add new events, and wake all subscribers; without events it is a keep-alive."""
        self.published_at = time.monotonic()
        self.events.extend(events)
        self.last, self.status = events[-1].number if events else self.last, status
        published, self.published = self.published, asyncio.Event()
        published.set()

    def keep_alive(self) -> None:
        """Wake all subscribers without a new event."""
        self.publish((), self.status)


class EventHub:
    """The feeds of this process.

    Args:
        events: The store of the event logs.
        keep_alive_s: After how much silence subscribers get an empty batch, in seconds.
    """

    def __init__(self, events: EventStore, *, keep_alive_s: float = KEEP_ALIVE_S) -> None:
        self._events, self._keep_alive_s = events, keep_alive_s
        self._shared_page = SharedCalls(self.page)
        self._feeds: dict[str, Feed] = {}
        self._has_subscribers = asyncio.Event()
        self.is_closing = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """While inside, poll the database for subscribed jobs and keep their streams alive."""
        polling = periodically(self._poll, every_s=TICK_S, on_error="the event logs could not be read")
        keeping_alive = periodically(  # apart from polling: the database may hang
            self._keep_silent_feeds_alive, every_s=self._keep_alive_s / 10, on_error="no keep-alive could be sent"
        )
        async with polling, keeping_alive:
            try:
                yield
            finally:
                self.close()

    def close(self) -> None:
        """End every stream and long poll, so that none delays the shutdown of the process."""
        self.is_closing = True
        for feed in self._feeds.values():
            feed.keep_alive()

    @property
    def subscribers(self) -> int:
        """How many streams and long polls are open."""
        return sum(feed.subscribers for feed in self._feeds.values())

    def head(self, job_id: str) -> Head | None:
        """Return the end of a job's event log, without a query, if the job has a subscriber already."""
        feed = self._feeds.get(job_id)
        return Head(last_event=feed.last, status=feed.status) if feed and feed.status else None

    async def page(self, job_id: str, after: int, *, limit: int = PAGE_SIZE) -> list[Event]:
        """Return a page of a job's event log, from the database."""
        return await run_in_threadpool(self._events.after, job_id, after, limit=limit)

    async def follow(self, job_id: str, head: Head, *, after: int) -> AsyncGenerator[list[Event]]:
        """Subscribe: batches of events after *after* until the job ends or the hub closes; empty ones keep alive."""
        with self._subscribed(job_id, head) as feed:
            while not self.is_closing:
                published = feed.published
                batch = feed.after(after) if feed.has_all_after(after) else await self._shared_page(job_id, after)
                if batch:
                    after = batch[-1].number
                    yield batch
                elif feed.is_over(after):
                    return
                elif await published.wait() and feed.last <= after:
                    yield []

    async def wait_for_status(self, job_id: str, head: Head) -> None:
        """Return when the job's status changes, when the job has ended, or when the hub closes."""
        async with aclosing(self.follow(job_id, head, after=head.last_event)) as batches:
            async for batch in batches:
                if any(event.type is EventType.STATUS for event in batch):
                    return

    @contextmanager
    def _subscribed(self, job_id: str, head: Head) -> Iterator[Feed]:
        feed = self._feeds.setdefault(job_id, Feed(last=head.last_event, status=head.status))
        feed.subscribers += 1
        self._has_subscribers.set()
        try:
            yield feed
        finally:
            feed.subscribers -= 1
            if not feed.subscribers:
                del self._feeds[job_id]

    async def _poll(self) -> None:
        """Publish what is new in the event logs of subscribed jobs; wait while there are no subscribers."""
        await self._has_subscribers.wait()
        feeds = dict(self._feeds)
        if not feeds:
            self._has_subscribers.clear()
            return
        heads = await run_in_threadpool(self._events.heads, list(feeds))
        for job_id, feed in feeds.items():
            await self._publish_new(job_id, feed, heads.get(job_id))

    async def _publish_new(self, job_id: str, feed: Feed, head: Head | None) -> None:
        if head is None:
            feed.publish((), None)
        elif head.last_event > feed.last:
            events = await self.page(job_id, feed.last)
            is_complete = bool(events) and events[-1].number >= head.last_event
            feed.publish(events, head.status if is_complete else feed.status)
        elif head.status != feed.status:
            feed.publish((), head.status)

    async def _keep_silent_feeds_alive(self) -> None:
        """Send keep-alives; one clock for all feeds is cheaper than a timer for each subscriber."""
        for feed in self._feeds.values():
            if time.monotonic() - feed.published_at >= self._keep_alive_s:
                feed.keep_alive()
