"""Calls of a store that may hang: their threads, and the readiness of the service."""

import asyncio
import threading
import time

import pytest

from service.api.live.readiness import Readiness
from service.api.store_threads import StoreThreads
from service.errors import Unavailable


def test_a_call_that_hangs_is_unavailable() -> None:
    """A request waits only for the timeout, also when all threads hang; afterwards calls are answered again."""
    released = threading.Event()
    threads = StoreThreads(1, 0.1)

    async def calls() -> int:
        for _ in range(2):
            with pytest.raises(Unavailable, match="has not answered"):
                await threads.run(released.wait)
        released.set()
        return await threads.run_long(lambda: 7)

    assert asyncio.run(calls()) == 7
    threads.close()


def test_readiness_does_not_wait_for_a_part_that_hangs() -> None:
    """The answer comes in time and names the part; a part that fails is quoted, and pings do not pile up."""
    released, pings = threading.Event(), []

    def hang() -> None:
        pings.append(1)
        released.wait()

    def fail() -> None:
        raise OSError("no such folder")

    readiness = Readiness({"storage": hang, "database": fail})

    async def checks() -> list[dict[str, str]]:
        first = await asyncio.gather(*(readiness.check() for _ in range(10)))
        released.set()
        return [*first, await readiness.check()]

    began = time.monotonic()
    *hanging, later = asyncio.run(checks())
    assert time.monotonic() - began < 10
    assert hanging == [{"storage": "no answer within 1.5 seconds", "database": "OSError: no such folder"}] * 10
    assert (later["storage"], len(pings)) == ("ok", 1)
    readiness.close()
