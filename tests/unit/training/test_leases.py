"""Leases by signs of life: held by change, lost by silence, whatever the wall clock says."""

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.claims import Claim
from service.errors import Unavailable
from service.training.trainer.leases import Leases

HOLDER = Claim(job_id="job_x", attempt=1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def looks(leases: Leases, *seconds: float, beat: datetime | None = NOON) -> list[list[Claim]]:
    """What is lost at each of these times."""
    return [leases.lost({HOLDER: beat}, now=each) for each in seconds]


def leases() -> Leases:
    """With a timeout of 10 s, on a database that takes writes."""
    return Leases(timeout_s=10, probe=lambda: None)


def test_silence_loses_a_claim() -> None:
    """Once it has lasted the timeout, and a moment more in which writing was known to work."""
    assert looks(leases(), 0, 4, 8, 10, 11.9, 12) == [[], [], [], [], [], [HOLDER]]


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)])
def test_a_wall_clock_that_jumps_loses_nothing(jump: timedelta) -> None:
    """A sign of life is one whatever time it bears."""
    watch = leases()
    for second in range(60):
        assert watch.lost({HOLDER: NOON + jump * (second % 2) + timedelta(seconds=second)}, now=second) == []


@pytest.mark.parametrize("future", [NOON + timedelta(days=400), None])
def test_a_sign_of_life_from_the_future_keeps_nothing(future: datetime | None) -> None:
    """A worker that is silent is lost, also where the clock was put back after its last beat."""
    assert looks(leases(), 0, 5, 10, 12, beat=future)[-1] == [HOLDER]


def test_who_slept_has_heard_nobody() -> None:
    """After a long time without a look the silence counts from then."""
    watch = leases()
    assert looks(watch, 0, 3600, 3605, 3609) == [[], [], [], []]
    assert looks(watch, 3610, 3612) == [[], [HOLDER]]


def test_nobody_is_lost_while_nobody_can_write() -> None:
    """Silence says nothing of a worker while the database is locked."""

    def locked() -> None:
        raise Unavailable("locked", retry_after_s=1)

    watch = Leases(timeout_s=10, probe=locked)
    looks(watch, 0, 5)
    for second in (10, 11, 12, 13):
        with pytest.raises(Unavailable):
            looks(watch, second)


def test_a_later_attempt_is_another_claim() -> None:
    """What was heard of the first says nothing of the second."""
    watch = leases()
    looks(watch, 0, 5)
    assert watch.lost({Claim(job_id="job_x", attempt=2): NOON}, now=10) == []
