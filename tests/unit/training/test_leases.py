"""Leases: a heartbeat that changes keeps a claim, silence loses it, and the wall clock does not matter."""

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.claims import Claim
from service.errors import Unavailable
from service.training.trainer.leases import Leases

CLAIM = Claim(job_id="job_x", attempt=1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def checks(leases: Leases, *seconds: float, beat: datetime | None = NOON) -> list[list[Claim]]:
    """Return the lost claims at each of these times."""
    return [leases.lost({CLAIM: beat}, now=each) for each in seconds]


def leases() -> Leases:
    """Build leases with a timeout of 10 s, on a database that takes writes."""
    return Leases(timeout_s=10, probe=lambda: None)


def test_silence_loses_a_claim() -> None:
    """A claim is lost after the timeout and a further grace in which the database takes writes."""
    assert checks(leases(), 0, 4, 8, 10, 11.9, 12) == [[], [], [], [], [], [CLAIM]]


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)])
def test_a_wall_clock_that_jumps_loses_nothing(jump: timedelta) -> None:
    """Every change of the heartbeat counts, even one to an earlier time."""
    watched = leases()
    for second in range(60):
        assert watched.lost({CLAIM: NOON + jump * (second % 2) + timedelta(seconds=second)}, now=second) == []


@pytest.mark.parametrize("future", [NOON + timedelta(days=400), None])
def test_a_heartbeat_from_the_future_keeps_no_claim(future: datetime | None) -> None:
    """A silent worker is lost even if the wall clock was set back after its last heartbeat."""
    assert checks(leases(), 0, 5, 10, 12, beat=future)[-1] == [CLAIM]


def test_a_suspended_trainer_loses_no_claim() -> None:
    """After a long gap between two checks, the silence counts from the second one."""
    watched = leases()
    assert checks(watched, 0, 3600, 3605, 3609) == [[], [], [], []]
    assert checks(watched, 3610, 3612) == [[], [CLAIM]]


def test_no_claim_is_lost_while_the_database_takes_no_writes() -> None:
    """A worker cannot send a heartbeat while the database is locked."""

    def locked() -> None:
        raise Unavailable("locked", retry_after_s=1)

    watched = Leases(timeout_s=10, probe=locked)
    checks(watched, 0, 5)
    for second in (10, 11, 12, 13):
        with pytest.raises(Unavailable):
            checks(watched, second)


def test_a_later_attempt_is_another_claim() -> None:
    """The silence of the first attempt does not count for the second."""
    watched = leases()
    checks(watched, 0, 5)
    assert watched.lost({Claim(job_id="job_x", attempt=2): NOON}, now=10) == []
