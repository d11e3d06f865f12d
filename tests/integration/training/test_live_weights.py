"""The age of the weights with which a running job predicts, by a clock that the test moves."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pytest

import naivenet
from service.api.live import live_weights as reading
from service.api.store_threads import StoreThreads
from service.composition import Services
from service.inference.answers.registry import Registry
from service.training.worker import live_weights as publishing
from tests.attempts import claim_next, queue

#: The clock advances by this between two reads. A chunk of steps takes up to ten ticks, and an evaluation as many.
TICK_S = 0.01

#: The time left for copying, writing and reading, which takes a few milliseconds on an idle machine.
SPARE_S = 0.2

MODEL = naivenet.NaiveSequential(
    [naivenet.NaiveDense.from_weights(np.zeros((784, 10), np.float32), np.zeros(10, np.float32), "softmax")]
)


def steps(number: int) -> naivenet.Steps:
    """Return a chunk of one step."""
    position = naivenet.Position(step=number)
    return naivenet.Steps(first_step=number, epoch=1, losses=np.zeros(1, np.float32), position=position, seconds=0.1)


class Clock:
    """A clock that stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the seconds since the test began."""
        return self.now

    def thread_time(self) -> float:
        """Return 0: no work takes CPU time."""
        return 0.0


class InPlace(Executor):
    """Runs each call at once in the calling thread."""

    def __init__(self, **_: object) -> None:
        """Take the arguments of a thread pool, and ignore them."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Run the call."""
        done: Future[Any] = Future()
        done.set_result(work(*args))
        return done


@pytest.mark.parametrize("ticks", [7, 16, 20])
def test_weights_are_under_a_second_old(services: Services, monkeypatch: pytest.MonkeyPatch, ticks: int) -> None:
    """The live weights are less than a second old at every moment, whether a chunk of steps is short or long."""
    clock, ages = Clock(), []
    for module in (publishing, reading):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(publishing, "ThreadPoolExecutor", InPlace)
    job_id, claim = queue(services), claim_next(services)
    services.watches.watch(job_id)
    live = reading.LiveWeights(
        services, Registry(services.models, services.checkpoints, services.weights), StoreThreads()
    )
    with asyncio.Runner() as runner:

        def events() -> Iterator[naivenet.Steps]:
            had_at = {}
            for step in range(1, 41):
                for _ in range(ticks):
                    clock.now += TICK_S
                    if had_at:
                        ages.append(clock.now - had_at[runner.run(live.newest(job_id)).step])
                had_at[step] = clock.now
                yield steps(step)

        for _ in publishing.LiveWeights(services, claim).publishing(events(), MODEL):
            pass
    assert len(ages) == 39 * ticks
    assert max(ages) < 1 - SPARE_S
