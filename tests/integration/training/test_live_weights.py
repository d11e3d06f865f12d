"""How old the weights are that a running job is asked by: counted on a clock that the test moves."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import pytest

import naivenet
from service.api.live import live_weights as asking
from service.composition import Services
from service.inference.answers.registry import Registry
from service.training.worker import live_weights as showing
from tests.attempts import claim_next, queue

#: How far the clock goes between two questions; a chunk of steps is up to ten, a test at an epoch's end as many again.
TICK_S = 0.01

#: What is left for copying, writing and reading: a few milliseconds on a machine that has time.
SPARE_S = 0.2

MODEL = naivenet.NaiveSequential(
    [naivenet.NaiveDense.from_weights(np.zeros((784, 10), np.float32), np.zeros(10, np.float32), "softmax")]
)


def steps(number: int) -> naivenet.Steps:
    """A chunk of one step."""
    position = naivenet.Position(step=number)
    return naivenet.Steps(first_step=number, epoch=1, losses=np.zeros(1, np.float32), position=position, seconds=0.1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Seconds since the test began."""
        return self.now

    def thread_time(self) -> float:
        """Nothing costs anything."""
        return 0.0


class InPlace(Executor):
    """Does what it is given at once: no clock of this test moves meanwhile."""

    def __init__(self, **_: object) -> None:
        """As a pool of threads is made."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        """Do it."""
        done: Future[Any] = Future()
        done.set_result(work(*args))
        return done


@pytest.mark.parametrize("ticks", [7, 16, 20])
def test_weights_are_under_a_second_old(services: Services, monkeypatch: pytest.MonkeyPatch, ticks: int) -> None:
    """Whenever they are asked for, however long a chunk and a test take, with time to spare for writing and reading."""
    clock, ages = Clock(), []
    for module in (showing, asking):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(showing, "ThreadPoolExecutor", InPlace)
    job_id, claim = queue(services), claim_next(services)
    services.watches.watch(job_id)
    live = asking.LiveWeights(services, Registry(services.models, services.checkpoints, services.weights))
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

        for _ in showing.LiveWeights(services, claim).publishing(events(), MODEL):
            pass
    assert len(ages) == 39 * ticks
    assert max(ages) < 1 - SPARE_S
