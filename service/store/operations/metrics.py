"""Metrics of the service as a whole, read from the database by cheap queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.cluster import ClusterSize
from service.domain.job import LIVE, Status
from service.store.database import Database
from service.store.operations import trainers
from service.store.operations.counters import counters
from service.store.tables import EventRow, JobRow


@dataclass(frozen=True, kw_only=True)
class ServiceMetrics:
    """The metrics at one moment.

    Attributes:
        jobs: The number of jobs in each status.
        longest_wait_s: How long the oldest queued job has waited, in seconds; 0 if none is queued.
        silence_s: The age of the oldest heartbeat of a worker, in seconds; 0 if there is no worker.
        samples_per_second: The sum over all running jobs.
        step_s: The time of a step of the slowest job, in seconds; 0 if none runs.
        trainers: The number of trainers with a recent heartbeat.
        counts: The counters, by name and label.
        cluster: The cluster that runs the jobs; None if no trainer uses one.
    """

    jobs: Mapping[Status, int]
    longest_wait_s: float
    silence_s: float
    samples_per_second: float
    step_s: float
    trainers: int
    counts: Mapping[tuple[str, str], int]
    cluster: ClusterSize | None = None


class MetricsStore:
    """Reads the metrics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> ServiceMetrics:
        """Return the metrics, in one transaction. It reads an index, and the rows of queued and running jobs."""
        now = datetime.now(UTC)
        with self._database.read() as session:
            live = session.execute(
                select(JobRow.heartbeat_at, JobRow.samples_per_second, JobRow.config["batch_size"].as_integer()).where(
                    JobRow.status.in_(LIVE)
                )
            ).all()
            return ServiceMetrics(
                jobs=_jobs(session),
                longest_wait_s=_age_s(_queued_since(session), now),
                silence_s=max((_age_s(at, now) for at, _, _ in live), default=0.0),
                samples_per_second=sum(rate or 0.0 for _, rate, _ in live),
                step_s=max((batch / rate for _, rate, batch in live if rate), default=0.0),
                trainers=trainers.count_alive(session, now),
                counts=counters(session),
                cluster=trainers.newest_cluster(session, now),
            )


def _jobs(session: Session) -> dict[Status, int]:
    found = session.execute(select(JobRow.status, func.count()).group_by(JobRow.status))
    return dict.fromkeys(Status, 0) | {Status(status): count for status, count in found}


def _queued_since(session: Session) -> datetime | None:
    """Return when the oldest queued job was queued: the time of the last event of its log."""
    last = (EventRow.job_id == JobRow.id) & (EventRow.number == JobRow.last_event)
    return session.scalar(select(func.min(EventRow.at)).join(JobRow, last).where(JobRow.status == Status.QUEUED))


def _age_s(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0
