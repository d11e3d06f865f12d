"""A job's status and its transitions, and the estimate of its end."""

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
def test_only_transitions_of_the_table_are_allowed(current: Status, wanted: Status) -> None:
    """A change of status is allowed if and only if the table of transitions has it."""
    if wanted in TRANSITIONS[current]:
        check_transition(current, wanted)
    else:
        with pytest.raises(InvalidTransition, match=f"{current} cannot become {wanted}"):
            check_transition(current, wanted)


def test_every_status_is_in_the_table() -> None:
    """The table of transitions has every status."""
    assert set(TRANSITIONS) == set(Status)


def test_a_terminal_status_is_final() -> None:
    """No transition leaves a terminal status."""
    assert {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED} == TERMINAL
    assert not any(TRANSITIONS[status] for status in TERMINAL)


def test_every_status_can_be_reached_and_can_end() -> None:
    """Each status can be reached from ``queued``, and from each a terminal status can be reached."""
    reached, ends = {Status.QUEUED}, set(TERMINAL)
    for _ in Status:
        reached |= {following for status in reached for following in TRANSITIONS[status]}
        ends |= {status for status, following in TRANSITIONS.items() if following & ends}
    assert reached == ends == set(Status)


def test_no_terminal_status_has_a_worker() -> None:
    """A status in which a worker trains the job is not terminal."""
    assert not LIVE & TERMINAL


def test_one_place_changes_a_status() -> None:
    """Only ``move``, which checks the table of transitions, assigns the status of a row."""
    sources = Path(service.__file__).parent.rglob("*.py")
    lines = [line.strip() for source in sources for line in source.read_text().splitlines()]
    assert [line for line in lines if "row.status = " in line] == ["row.status = wanted"]


def job(status: Status, **progress: float) -> Job:
    """Return a job with a batch size of 100."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Job(
        id="job_1",
        config=JobConfig(batch_size=100),
        status=status,
        created_at=now,
        started_at=now,
        finished_at=None,
        queue_position=None,
        progress=Progress(**progress),  # type: ignore[arg-type]  # integers and floats, by name
        result=None,
        error=None,
        parent_id=None,
        attempt=1,
        threads=1,
    )


def test_the_end_is_estimated_from_the_rate() -> None:
    """Ten steps with a hundred images each, at fifty images a second, take twenty seconds."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    running = job(Status.RUNNING, step=10, total_steps=20, samples_per_second=50.0)
    assert running.estimated_finish(now) == now + timedelta(seconds=20)


@pytest.mark.parametrize("progress", [{}, {"total_steps": 20}, {"samples_per_second": 50.0}])
def test_no_estimate_without_rate_or_length(progress: dict[str, float]) -> None:
    """If the rate or the number of steps is not known, there is no estimate."""
    assert job(Status.RUNNING, **progress).estimated_finish(datetime.now(UTC)) is None


def test_no_estimate_for_a_queued_job() -> None:
    """A job that is queued again after losing its worker has no estimate."""
    waiting = job(Status.QUEUED, step=10, total_steps=20, samples_per_second=50.0)
    assert waiting.estimated_finish(datetime.now(UTC)) is None
