"""The event hub: one reader of the database publishes to all subscribers, and keeps silent streams alive."""

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
    """A queued job: its event log has one event."""
    return services.jobs.create(JobConfig()).id


def head(services: Services, job_id: str) -> Head:
    """The end of its event log."""
    return services.events.heads([job_id])[job_id]


@asynccontextmanager
async def reading(services: Services, *, keep_alive_s: float = 60.0) -> AsyncIterator[EventHub]:
    """A hub that polls the database, for at most the time of a test."""
    hub = EventHub(services.events, keep_alive_s=keep_alive_s)
    async with asyncio.timeout(PATIENCE_S), hub.reading():
        yield hub


def test_a_silent_stream_gets_keep_alives(services: Services, job_id: str) -> None:
    """Each is an empty batch; later events arrive as usual."""

    async def watch() -> list[list[Event]]:
        async with reading(services, keep_alive_s=0.2) as hub:
            following = hub.follow(job_id, head(services, job_id), after=1)
            silent = [await anext(following) for _ in range(3)]
            services.jobs.cancel(job_id)
            return silent + [batch async for batch in following if batch]

    *silent, published = asyncio.run(watch())
    assert silent == [[], [], []]
    assert [event.data["status"] for event in published] == ["cancelled"]


def test_keep_alives_are_sent_while_the_database_hangs(services: Services, job_id: str) -> None:
    """Proxies close silent connections: a query that hangs must not stop the keep-alives."""

    class Hanging(EventStore):
        def heads(self, job_ids: Collection[str]) -> dict[str, Head]:  # the signature of the base class
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


def test_a_second_subscriber_needs_no_query(services: Services, job_id: str) -> None:
    """The hub knows the end of a log with subscribers, also after new events; without subscribers it forgets it."""

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


def test_all_subscribers_get_the_same_events(services: Services, job_id: str) -> None:
    """Subscribers from the start and from the middle get the same events; all streams end with the job."""

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


def test_subscribers_equally_far_behind_share_a_query(services: Services, job_id: str) -> None:
    """Twenty that begin at the same event of a log, as a class does, read each page of it once."""
    queries: list[int] = []

    class Counting(EventStore):
        def after(self, job_id: str, number: int, *, limit: int) -> list[Event]:
            queries.append(number)
            return super().after(job_id, number, limit=limit)

    async def watch() -> list[list[int]]:
        hub = EventHub(Counting(services.database))

        async def numbers() -> list[int]:
            return [event.number async for batch in hub.follow(job_id, end, after=0) for event in batch]

        return await asyncio.gather(*(numbers() for _ in range(20)))

    services.jobs.cancel(job_id)
    end = head(services, job_id)
    assert asyncio.run(watch()) == [[1, 2]] * 20
    assert queries == [0]


def test_a_hub_that_closes_ends_every_stream(services: Services, job_id: str) -> None:
    """When the hub closes, every stream ends, so that none delays the shutdown."""

    async def watch() -> list[list[Event]]:
        async with reading(services) as hub:
            following = hub.follow(job_id, head(services, job_id), after=1)
            asyncio.get_running_loop().call_later(0.1, hub.close)
            return [batch async for batch in following if batch]

    assert asyncio.run(watch()) == []
