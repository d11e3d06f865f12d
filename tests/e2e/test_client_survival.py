"""The clients continue to read a job's events when the service is killed and started again."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from naivenet_client import AsyncClient, Client, Event, StatusEvent, StepsEvent
from tests.conftest import StartServer

EPOCHS = 20


def test_events_survive_a_killed_service(start_server: StartServer) -> None:
    """After kill -9 and a new start, both clients go on reading: every event once, in order, to the end."""
    server = start_server()
    with Client(server.base_url) as client, ThreadPoolExecutor(2) as threads:
        job = client.jobs.create(dataset="tiny", epochs=EPOCHS, seed=1)
        training = Barrier(3)
        reading = [threads.submit(read, server.base_url, job.id, training) for read in (read_blocking, read_async)]
        training.wait()
        server.kill()
        server.start()
        for events in [each.result() for each in reading]:
            assert [event.number for event in events] == list(range(1, len(events) + 1))
            losses = [loss for event in events if isinstance(event, StepsEvent) for loss in event.losses]
            assert losses == job.history().losses
            statuses = [(event.status, event.attempt) for event in events if isinstance(event, StatusEvent)]
            assert statuses[-1] == ("succeeded", 2)


def read_blocking(url: str, job_id: str, training: Barrier) -> list[Event]:
    """Return all events of a job, and pass the barrier when it trains."""
    events = []
    with Client(url) as client:
        for event in client.jobs.get(job_id).events():
            if isinstance(event, StepsEvent) and not any(isinstance(each, StepsEvent) for each in events):
                training.wait()
            events.append(event)
    return events


def read_async(url: str, job_id: str, training: Barrier) -> list[Event]:
    """Do the same with the asynchronous client."""

    async def read() -> list[Event]:
        events = []
        async with AsyncClient(url) as client:
            async for event in (await client.jobs.get(job_id)).events():
                if isinstance(event, StepsEvent) and not any(isinstance(each, StepsEvent) for each in events):
                    training.wait()
                events.append(event)
        return events

    return asyncio.run(read())
