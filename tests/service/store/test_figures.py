"""What the database says of the service as a whole."""

import pytest
from sqlalchemy import create_engine, text

from service.composition import Services
from service.domain.config import JobConfig
from service.domain.job import Failure, Status
from service.store.tallies import ENDED, FAILED, LOST

GONE = Failure(code="worker_killed", message="")


def test_an_empty_service(services: Services) -> None:
    """Nothing waits, nothing trains, nothing was counted."""
    figures = services.figures.look()
    assert set(figures.jobs.values()) == {0}
    assert (figures.longest_wait_s, figures.silence_s, figures.step_s, figures.counts) == (0, 0, 0, {})


def test_who_waits_and_who_trains(services: Services) -> None:
    """The queue's depth and its longest wait; the stalest sign of life."""
    for _ in range(3):
        services.jobs.create(JobConfig())
    services.workers.claim(max_running=1)
    figures = services.figures.look()
    assert (figures.jobs[Status.QUEUED], figures.jobs[Status.RUNNING]) == (2, 1)
    assert 0 < figures.longest_wait_s < 60
    assert 0 < figures.silence_s < 60


def test_speed_of_what_trains(services: Services) -> None:
    """Samples a second of all together, and the step of the slowest."""
    jobs = [services.jobs.create(JobConfig(batch_size=size)) for size in (100, 50)]
    engine = create_engine(services.settings.resolved_database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET status='running', samples_per_second=1000"))
    engine.dispose()
    figures = services.figures.look()
    assert len(jobs) == 2
    assert (figures.samples_per_second, figures.step_s) == (2000, 0.1)


def test_counts_never_fall(services: Services) -> None:
    """A worker lost twice, a failure and an end, and the same after the job is deleted."""
    job = services.jobs.create(JobConfig())
    for _ in range(2):
        holder = services.workers.claim(max_running=1)
        assert holder
        services.workers.hand_back(holder, max_attempts=2, failure=GONE)
    expected = {(LOST, "worker_killed"): 2, (FAILED, "worker_killed"): 1, (ENDED, "failed"): 1}
    assert services.figures.look().counts == expected
    services.jobs.delete(job.id)
    assert services.figures.look().counts == expected


@pytest.mark.parametrize("services", ["sqlite"], indirect=True)
def test_all_jobs_are_counted_from_an_index(services: Services) -> None:
    """However many there are: no row is read for it. PostgreSQL weighs that anew each time, by how many there are."""
    engine = create_engine(services.settings.resolved_database_url)
    with engine.connect() as connection:
        plan = connection.execute(text("EXPLAIN QUERY PLAN SELECT status, count(*) FROM jobs GROUP BY status")).all()
    engine.dispose()
    assert "COVERING INDEX ix_jobs_status_id" in str(plan)
