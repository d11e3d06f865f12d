"""The trainer knows when the database or the store is away, without waiting for either, and logs each outage once."""

import logging
import threading

import pytest

from service.errors import Unavailable
from service.training.trainer import availability
from service.training.trainer.availability import Availability
from tests.servers import until

DOWN = Unavailable("The store does not answer: refused.", retry_after_s=1)


class Part:
    """A part that is away as long as *is_away*."""

    def __init__(self) -> None:
        self.is_away, self.probes = False, 0

    def probe(self) -> None:
        """Raise an error while the part is away."""
        self.probes += 1
        if self.is_away:
            raise DOWN


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probe at every check."""
    monkeypatch.setattr(availability, "FRESH_S", 0.05)
    monkeypatch.setattr(availability, "PAUSE_S", 0.0)


def test_an_outage_is_logged_at_its_beginning_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """However often it is probed in between, there is one line each."""
    caplog.set_level(logging.INFO)
    part = Part()
    parts = Availability({"store": part.probe})
    until(parts.check, what="an answer")
    part.is_away = True
    until(lambda: not parts.check() and parts.is_outage, what="the outage")
    until(lambda: not parts.check() and part.probes > 5, what="more probes")
    part.is_away = False
    until(parts.check, what="the end of the outage")
    assert not parts.is_outage
    first, last = (record.message for record in caplog.records)
    assert first == "The store does not answer: refused. Until the store answers, no job is claimed."
    assert last.startswith("the store answers again, after ")


def test_a_part_that_hangs_delays_no_check() -> None:
    """A check returns at once while a probe hangs, and starts no second one."""
    released, probes = threading.Event(), []

    def hang() -> None:
        probes.append(1)
        released.wait()

    parts = Availability({"store": hang})
    assert [parts.check() for _ in range(5)] == [False] * 5
    assert len(probes) == 1
    released.set()
    until(parts.check, what="the answer")


def test_a_failed_call_begins_an_outage() -> None:
    """What the trainer itself could not do counts as much as a probe, until a probe succeeds."""
    part = Part()
    parts = Availability({"store": part.probe})
    parts.report("store", DOWN)
    assert parts.is_outage
    until(parts.check, what="a probe that succeeds")
    assert not parts.is_outage
