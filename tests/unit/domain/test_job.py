"""The rules of a job's life."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import service
from service.domain.config import JobConfig
from service.domain.job import LIVE, TERMINAL, TRANSITIONS, Job, Progress, Status, check_transition
from service.errors import InvalidTransition

STATUSES = st.sampled_from(Status)


@given(current=STATUSES, wanted=STATUSES)
def test_the_table_is_the_law(current: Status, wanted: Status) -> None:
    """A change is allowed if, and only if, the table has it."""
    if wanted in TRANSITIONS[current]:
        check_transition(current, wanted)
    else:
        with pytest.raises(InvalidTransition, match=f"{current} cannot become {wanted}"):
            check_transition(current, wanted)


def test_every_status_is_in_the_table() -> None:
    """No status is forgotten."""
    assert set(TRANSITIONS) == set(Status)


def test_an_end_is_an_end() -> None:
    """Nothing leads out of a terminal status."""
    assert {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED} == TERMINAL
    assert not any(TRANSITIONS[status] for status in TERMINAL)


def test_every_status_can_be_reached_and_left() -> None:
    """From ``queued`` each status is reached, and from each an end."""
    reached, ends = {Status.QUEUED}, set(TERMINAL)
    for _ in Status:
        reached |= {following for status in reached for following in TRANSITIONS[status]}
        ends |= {status for status, following in TRANSITIONS.items() if following & ends}
    assert reached == ends == set(Status)


def test_nobody_is_live_at_an_end() -> None:
    """Where a worker is at work, the job has not ended."""
    assert not LIVE & TERMINAL


def test_one_place_changes_a_status() -> None:
    """In all the sources only ``move`` assigns a row's status, and it consults the table."""
    sources = Path(service.__file__).parent.rglob("*.py")
    lines = [line.strip() for source in sources for line in source.read_text().splitlines()]
    assert [line for line in lines if "row.status = " in line] == ["row.status = wanted"]


def job(status: Status, **progress: float) -> Job:
    """A job of batches of 100."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Job(
        id="job_1",
        config=JobConfig(batch_size=100),
        status=status,
        created_at=now,
        started_at=now,
        finished_at=None,
        queue_position=None,
        progress=Progress(**progress),  # type: ignore[arg-type]  # the figures of one test
        result=None,
        error=None,
        parent_id=None,
        attempt=1,
        threads=1,
    )


def test_the_end_is_estimated_by_the_rate() -> None:
    """Ten steps of a hundred images at fifty a second take twenty seconds."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    running = job(Status.RUNNING, step=10, total_steps=20, samples_per_second=50.0)
    assert running.estimated_finish(now) == now + timedelta(seconds=20)


@pytest.mark.parametrize("progress", [{}, {"total_steps": 20}, {"samples_per_second": 50.0}])
def test_no_estimate_without_figures(progress: dict[str, float]) -> None:
    """Where the rate or the length is not known, nothing is claimed."""
    assert job(Status.RUNNING, **progress).estimated_finish(datetime.now(UTC)) is None


def test_no_estimate_of_what_does_not_run() -> None:
    """A job that waits again after losing its worker has no end in sight."""
    waiting = job(Status.QUEUED, step=10, total_steps=20, samples_per_second=50.0)
    assert waiting.estimated_finish(datetime.now(UTC)) is None
