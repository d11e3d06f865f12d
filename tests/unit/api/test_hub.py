"""One reader of the database tells all who watch a job, and breaks long silence."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest

from service.api.live.event_hub import EventHub
from service.composition import Services
from service.domain.config import JobConfig
from service.domain.event import Event
from service.store.jobs.events import EventStore, Head

PATIENCE_S = 30.0


@pytest.fixture
def job_id(services: Services) -> str:
    """A job that waits: its log has one entry."""
    return services.jobs.create(JobConfig()).id


def head(services: Services, job_id: str) -> Head:
    """Where its log stands."""
    return services.events.heads([job_id])[job_id]


@asynccontextmanager
async def reading(services: Services, *, keep_alive_s: float = 60.0) -> AsyncIterator[EventHub]:
    """A hub that reads, for no longer than a test may take."""
    hub = EventHub(services.events, keep_alive_s=keep_alive_s)
    async with asyncio.timeout(PATIENCE_S), hub.reading():
        yield hub


def test_silence_is_broken_again_and_again(services: Services, job_id: str) -> None:
    """An empty list, by which a stream says that it lives; what comes after it is told as ever."""

    async def watch() -> list[list[Event]]:
        async with reading(services, keep_alive_s=0.2) as hub:
            following = hub.follow(job_id, head(services, job_id), after=1)
            silent = [await anext(following) for _ in range(3)]
            services.jobs.cancel(job_id)
            return silent + [batch async for batch in following if batch]

    *silent, told = asyncio.run(watch())
    assert silent == [[], [], []]
    assert [event.data["status"] for event in told] == ["cancelled"]


def test_silence_is_broken_while_the_database_hangs(services: Services, job_id: str) -> None:
    """Proxies end a connection on which nothing comes: a reader that waits for long must not hold up what keeps it."""

    class Hanging(EventStore):
        def heads(self, job_ids: Collection[str]) -> dict[str, Head]:  # as the class it stands for
            hung.wait(PATIENCE_S)
            return {}

    hung = threading.Event()

    async def watch() -> list[list[Event]]:
        hub = EventHub(Hanging(services.database), keep_alive_s=0.2)
        async with asyncio.timeout(PATIENCE_S), hub.reading():
            following = hub.follow(job_id, head(services, job_id), after=1)
            silent = [await anext(following) for _ in range(3)]
            hung.set()
            return silent

    assert asyncio.run(watch()) == [[], [], []]


def test_who_joins_others_need_not_ask_the_database(services: Services, job_id: str) -> None:
    """The hub knows where a watched log stands, also after news, and nothing of one that nobody watches any more."""

    async def watch() -> list[Head | None]:
        async with reading(services) as hub:
            known = [hub.head(job_id)]
            following = hub.follow(job_id, head(services, job_id), after=0)
            await anext(following)
            known.append(hub.head(job_id))
            services.jobs.cancel(job_id)
            await anext(following)
            known.append(hub.head(job_id))
            await following.aclose()
            return [*known, hub.head(job_id)]

    before = head(services, job_id)
    assert asyncio.run(watch()) == [None, before, head(services, job_id), None]


def test_whoever_watches_is_told_the_same(services: Services, job_id: str) -> None:
    """From the start or from the middle, whenever they came; all end with the job."""

    async def watch() -> list[list[int]]:
        async with reading(services) as hub:

            async def numbers(after: int) -> list[int]:
                batches = hub.follow(job_id, head(services, job_id), after=after)
                return [event.number async for batch in batches for event in batch]

            watching = [asyncio.create_task(numbers(after)) for after in (0, 1, 0)]
            await asyncio.sleep(0)
            services.jobs.apply(job_id, "pause")
            services.jobs.apply(job_id, "resume")
            services.jobs.cancel(job_id)
            return await asyncio.gather(*watching)

    whole = list(range(1, 5))
    assert asyncio.run(watch()) == [whole, whole[1:], whole]


def test_a_hub_that_closes_ends_every_stream(services: Services, job_id: str) -> None:
    """None holds up the end of the process."""

    async def watch() -> list[list[Event]]:
        async with reading(services) as hub:
            following = hub.follow(job_id, head(services, job_id), after=1)
            asyncio.get_running_loop().call_later(0.1, hub.close)
            return [batch async for batch in following if batch]

    assert asyncio.run(watch()) == []
