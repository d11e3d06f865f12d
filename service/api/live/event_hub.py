"""Tells everybody who watches a job what is new in its log: one reader of the database, however many watch."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from service.domain.event import Event
from service.domain.job import TERMINAL, Status
from service.store.jobs.events import EventStore, Head

logger = logging.getLogger(__name__)

#: How often the logs of watched jobs are looked at, and after how much silence watchers are woken anyway, in seconds.
TICK_S, KEEP_ALIVE_S = 0.05, 15.0

#: How many entries a feed remembers, and how many are read at once. Who is further behind reads the database.
MEMORY, PAGE = 256, 200


@dataclass
class Feed:
    """The newest entries of one job's log, as this process has seen them.

    Attributes:
        last: The number of the newest.
        status: Where the job stood when the log ended there; None where the job is gone.
    """

    last: int
    status: Status | None
    watchers: int = 0
    entries: deque[Event] = field(default_factory=lambda: deque(maxlen=MEMORY))
    news: asyncio.Event = field(default_factory=asyncio.Event)
    told_at: float = field(default_factory=time.monotonic)

    def remembers(self, number: int) -> bool:
        """Whether all that comes after *number* is here."""
        return number >= self.last - len(self.entries)

    def after(self, number: int) -> list[Event]:
        """What comes after *number*."""
        return [self.entries[place] for place in range(max(number - self.last, -len(self.entries)), 0)]

    def is_over(self, number: int) -> bool:
        """Whether nothing will come after *number*."""
        return self.status is None or (self.status in TERMINAL and number >= self.last)

    def tell(self, entries: Sequence[Event], status: Status | None) -> None:
        """Add what is new, if anything is, and wake all who wait."""
        self.told_at = time.monotonic()
        self.entries.extend(entries)
        self.last, self.status = entries[-1].number if entries else self.last, status
        woken, self.news = self.news, asyncio.Event()
        woken.set()


class EventHub:
    """The feeds of this process.

    Args:
        events: Where logs are read.
        keep_alive_s: After how much silence watchers are woken anyway.
    """

    def __init__(self, events: EventStore, *, keep_alive_s: float = KEEP_ALIVE_S) -> None:
        self._events, self._keep_alive_s = events, keep_alive_s
        self._feeds: dict[str, Feed] = {}
        self._watched = asyncio.Event()
        self.is_closing = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """While inside, feeds are fed."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._break_silence())]
        try:
            yield
        finally:
            self.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """End every stream and every wait, so that none holds up the end of the process."""
        self.is_closing = True
        for feed in self._feeds.values():
            feed.tell((), feed.status)

    @property
    def watchers(self) -> int:
        """How many streams and long polls are open."""
        return sum(feed.watchers for feed in self._feeds.values())

    def head(self, job_id: str) -> Head | None:
        """Where the log of a job stands that somebody watches already: who joins need not ask the database."""
        feed = self._feeds.get(job_id)
        return Head(last_event=feed.last, status=feed.status) if feed and feed.status else None

    async def page(self, job_id: str, after: int, *, limit: int = PAGE) -> list[Event]:
        """A page of a log, from the database."""
        return await run_in_threadpool(self._events.after, job_id, after, limit=limit)

    async def follow(self, job_id: str, head: Head, *, after: int) -> AsyncGenerator[list[Event]]:
        """All that comes after *after*, until the job has ended or the hub closes; an empty list in long silence."""
        with self._feed(job_id, head) as feed:
            while not self.is_closing:
                news = feed.news
                batch = feed.after(after) if feed.remembers(after) else await self.page(job_id, after)
                if batch:
                    after = batch[-1].number
                    yield batch
                elif feed.is_over(after):
                    return
                elif await news.wait() and feed.last <= after:
                    yield []

    @contextmanager
    def _feed(self, job_id: str, head: Head) -> Iterator[Feed]:
        feed = self._feeds.setdefault(job_id, Feed(last=head.last_event, status=head.status))
        feed.watchers += 1
        self._watched.set()
        try:
            yield feed
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                del self._feeds[job_id]

    async def _read(self) -> None:
        while True:
            await self._watched.wait()
            try:
                await self._look()
            except Exception:  # the database may be away for a while; watchers wait
                logger.exception("the logs of watched jobs could not be read")
            if not self._feeds:
                self._watched.clear()
            await asyncio.sleep(TICK_S)

    async def _break_silence(self) -> None:
        """Wake who has heard nothing for long, also while the database does not answer.

        One clock does it for all: each watcher's own would have to be set anew with every entry.
        """
        while True:
            await asyncio.sleep(self._keep_alive_s / 10)
            for feed in self._feeds.values():
                if time.monotonic() - feed.told_at >= self._keep_alive_s:
                    feed.tell((), feed.status)

    async def _look(self) -> None:
        feeds = dict(self._feeds)
        heads = await run_in_threadpool(self._events.heads, list(feeds))
        for job_id, feed in feeds.items():
            head = heads.get(job_id)
            if head is None:
                feed.tell((), None)
            elif head.last_event > feed.last:
                news = await self.page(job_id, feed.last)
                feed.tell(news, head.status if news and news[-1].number >= head.last_event else feed.status)
            elif head.status != feed.status:
                feed.tell((), head.status)
