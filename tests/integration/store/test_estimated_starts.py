"""When queued jobs will start: estimated from the running jobs, the workers, and the length of jobs that succeeded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service.composition import Services
from service.domain.claims import Claim
from service.domain.forecast import Capacity
from service.domain.job import Progress
from service.domain.worker_messages import ProgressReport
from service.store.jobs import places
from service.store.jobs.jobs import JobStore
from service.store.tables import JobRow

#: How much the time that a test itself takes may change an estimate, in seconds.
SLACK_S = 60.0

Queue = Callable[..., str]
Hold = Callable[..., Claim]


@pytest.fixture
def services(services: Services) -> Services:
    """Services with a trainer that runs, and has one worker."""
    services.trainers.heartbeat("trainer_1", workers=0)
    jobs = JobStore(services.database, capacity=Capacity(per_trainer=1), max_queued_jobs=100)
    return replace(services, jobs=jobs)


def set_times(services: Services, claim: Claim, *, claimed_s_ago: float, took_s: float | None = None) -> None:
    """Set when a job was claimed, and if it has ended, how long it took."""
    at = datetime.now(UTC) - timedelta(seconds=claimed_s_ago)
    ended = {} if took_s is None else {"finished_at": at + timedelta(seconds=took_s)}
    with services.database.write() as session:
        session.execute(update(JobRow).where(JobRow.id == claim.job_id).values(claimed_at=at, **ended))


def starts_in_s(services: Services, *ids: str) -> list[float | None]:
    """In how many seconds the jobs will start."""
    now, found = datetime.now(UTC), [services.jobs.get(job_id).estimated_start for job_id in ids]
    return [(at - now).total_seconds() if at else None for at in found]


def report_rate(services: Services, claim: Claim, *, remaining_s: float) -> None:
    """Report as the job's worker that half of its steps are done, and how long the others take."""
    batch_size = services.jobs.get(claim.job_id).config.batch_size
    services.workers.begin(claim, threads=1, total_steps=200, from_step=0)
    progress = Progress(step=100, samples_per_second=100 * batch_size / remaining_s)
    services.workers.record(claim, ProgressReport(progress=progress))


def test_jobs_take_as_long_as_the_jobs_before(services: Services, succeeded: Hold, held: Hold, queue: Queue) -> None:
    """Jobs took 2,000 s in the mean: one that runs for 500 s has 1,500 s left, and the next one takes 2,000 s."""
    for took_s in (1000, 3000):
        set_times(services, succeeded(), claimed_s_ago=9000, took_s=took_s)
    set_times(services, held(), claimed_s_ago=500)
    first, second = queue(), queue()
    assert starts_in_s(services, first, second) == pytest.approx([1500, 3500], abs=SLACK_S)


def test_a_running_job_ends_when_its_rate_says(services: Services, succeeded: Hold, held: Hold, queue: Queue) -> None:
    """What is left of a running job counts, however long other jobs took."""
    set_times(services, succeeded(), claimed_s_ago=9000, took_s=2000)
    report_rate(services, held(), remaining_s=5000)
    first, second = queue(), queue()
    assert starts_in_s(services, first, second) == pytest.approx([5000, 7000], abs=SLACK_S)


def test_running_jobs_give_the_length_of_the_first_jobs_of_all(services: Services, held: Hold, queue: Queue) -> None:
    """Before any job has succeeded, queued jobs are expected to take as long as the running ones."""
    claim = held()
    set_times(services, claim, claimed_s_ago=1000)
    report_rate(services, claim, remaining_s=1000)
    first, second = queue(), queue()
    assert starts_in_s(services, first, second) == pytest.approx([1000, 3000], abs=SLACK_S)


def test_a_job_in_front_of_a_free_worker_starts_now(services: Services, queue: Queue) -> None:
    """The next job has nothing to wait for; without any knowledge of lengths, nothing is said of the one after it."""
    first, second = starts_in_s(services, queue(), queue())
    assert first == pytest.approx(0, abs=SLACK_S)
    assert second is None


def test_without_a_trainer_nothing_is_known(services: Services, succeeded: Hold, queue: Queue) -> None:
    """While no trainer runs, no job will start."""
    set_times(services, succeeded(), claimed_s_ago=9000, took_s=2000)
    services.trainers.remove("trainer_1")
    assert starts_in_s(services, queue()) == [None]


def test_a_job_that_does_not_wait_has_no_estimated_start(services: Services, held: Hold, queue: Queue) -> None:
    """A running, a paused and a cancelled job are not in the queue."""
    running, paused, cancelled = held().job_id, queue(), queue()
    services.jobs.apply(paused, "pause")
    services.jobs.cancel(cancelled)
    assert starts_in_s(services, running, paused, cancelled) == [None] * 3


def test_a_job_beyond_the_forecast_has_an_estimate(
    services: Services, succeeded: Hold, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the queue is longer than the forecast reads, the estimate is the position times the mean length."""
    set_times(services, succeeded(), claimed_s_ago=9000, took_s=2000)
    monkeypatch.setattr(places, "MOST_KNOWN", 1)
    *_, last = [queue() for _ in range(5)]
    assert starts_in_s(services, last) == pytest.approx([5 * 2000], abs=SLACK_S)
