"""Metrics of the service as a whole, from the database."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import create_engine, text

from service.composition import Services
from service.domain.cluster import ClusterSize
from service.domain.config import JobConfig
from service.domain.job import Failure, Status
from service.errors import Unavailable
from service.store.operations.counters import ENDED, FAILED, FAILED_CALLS, LOST
from service.store.operations.trainers import ALIVE_S, FORGET_S
from service.store.tables import TrainerRow

GONE = Failure(code="worker_killed", message="")


def test_an_empty_service(services: Services) -> None:
    """Without jobs all metrics are 0."""
    figures = services.metrics.read()
    assert set(figures.jobs.values()) == {0}
    assert (figures.longest_wait_s, figures.silence_s, figures.step_s, figures.counts) == (0, 0, 0, {})


def test_queued_and_running_jobs(services: Services) -> None:
    """The metrics have the number of queued jobs, their longest wait, and the oldest heartbeat."""
    for _ in range(3):
        services.jobs.create(JobConfig())
    services.claims.acquire(max_running=1)
    figures = services.metrics.read()
    assert (figures.jobs[Status.QUEUED], figures.jobs[Status.RUNNING]) == (2, 1)
    assert 0 < figures.longest_wait_s < 60
    assert 0 < figures.silence_s < 60


def test_the_speed_of_training(services: Services) -> None:
    """The metrics have the samples per second of all jobs, and the step time of the slowest."""
    jobs = [services.jobs.create(JobConfig(batch_size=size)) for size in (100, 50)]
    engine = create_engine(services.settings.resolved_database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET status='running', samples_per_second=1000"))
    engine.dispose()
    figures = services.metrics.read()
    assert len(jobs) == 2
    assert (figures.samples_per_second, figures.step_s) == (2000, 0.1)


def test_trainers_count_until_they_end_or_stop_their_heartbeats(services: Services) -> None:
    """Each trainer counts once; one that was killed counts for half a minute more."""
    for trainer, workers in (("a", 0), ("b", 1), ("a", 2)):
        services.trainers.heartbeat(trainer, workers=workers)
    assert services.metrics.read().trainers == 2
    services.trainers.remove("b")
    assert services.metrics.read().trainers == 1
    with services.database.write() as session:
        session.get_one(TrainerRow, "a").seen_at -= timedelta(seconds=ALIVE_S)
    assert services.metrics.read().trainers == 0
    with services.database.write() as session:
        session.get_one(TrainerRow, "a").seen_at -= timedelta(seconds=FORGET_S)
    services.trainers.heartbeat("c", workers=0)
    with services.database.read() as session:
        assert session.get(TrainerRow, "a") is None


def test_the_cluster_is_the_newest_living_trainers(services: Services) -> None:
    """The metrics have the cluster of the newest heartbeat with one; a spare trainer, which has none, is skipped."""
    services.trainers.heartbeat("local", workers=0)
    assert services.metrics.read().cluster is None
    newest = ClusterSize(nodes=3, cpus=12.0, used_cpus=5.0, gpus=2.0, used_gpus=0.5, pending_jobs=4)
    for trainer, size in (("a", ClusterSize(nodes=9)), ("b", newest), ("spare", None)):
        services.trainers.heartbeat(trainer, workers=0, cluster=size)
    assert services.metrics.read().cluster == newest
    services.trainers.heartbeat("b", workers=0, cluster=ClusterSize())
    assert services.metrics.read().cluster == ClusterSize()
    with services.database.write() as session:
        for trainer in ("a", "b"):
            session.get_one(TrainerRow, trainer).seen_at -= timedelta(seconds=ALIVE_S)
    assert services.metrics.read().cluster is None


def test_failure_counts_are_saved_once(services: Services) -> None:
    """Each failure is added once; failures that could not be saved are saved by the next call."""
    services.blobs.failures += 2
    services.failure_counts.save()
    services.blobs.failures += 1
    services.database.failures += 3
    with (
        pytest.raises(Unavailable),
        patch.object(services.database, "write", side_effect=Unavailable("away", retry_after_s=1)),
    ):
        services.failure_counts.save()
    for _ in range(2):
        services.failure_counts.save()
    assert services.metrics.read().counts == {(FAILED_CALLS, "storage"): 3, (FAILED_CALLS, "database"): 3}


def test_counts_never_fall(services: Services) -> None:
    """The counters of lost workers, failures and ends stay the same after a job is deleted."""
    job = services.jobs.create(JobConfig())
    for _ in range(2):
        claim = services.claims.acquire(max_running=1)
        assert claim
        services.claims.reclaim(claim, max_attempts=2, failure=GONE)
    expected = {(LOST, "worker_killed"): 2, (FAILED, "worker_killed"): 1, (ENDED, "failed"): 1}
    assert services.metrics.read().counts == expected
    services.jobs.delete(job.id)
    assert services.metrics.read().counts == expected


@pytest.mark.parametrize("services", ["sqlite"], indirect=True)
def test_all_jobs_are_counted_from_an_index(services: Services) -> None:
    """SQLite counts jobs in an index, without reading rows. PostgreSQL chooses its plan by the number of rows."""
    engine = create_engine(services.settings.resolved_database_url)
    with engine.connect() as connection:
        plan = connection.execute(text("EXPLAIN QUERY PLAN SELECT status, count(*) FROM jobs GROUP BY status")).all()
    engine.dispose()
    assert "COVERING INDEX ix_jobs_status_id" in str(plan)
