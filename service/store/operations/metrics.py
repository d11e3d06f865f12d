"""What the database says of the service as a whole, cheaply: for those who watch over it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.job import LIVE, Status
from service.store.database import Database
from service.store.operations import trainers
from service.store.operations.counters import counters
from service.store.tables import EventRow, JobRow


@dataclass(frozen=True, kw_only=True)
class ServiceMetrics:
    """One look.

    Attributes:
        jobs: How many there are of each status.
        longest_wait_s: How long the job has waited that waits longest, 0 where none does.
        silence_s: How long nothing was heard of the worker that is silent longest, 0 where none is at work.
        samples_per_second: Of all that train, together.
        step_s: How long a step of the slowest job takes; 0 where none trains.
        trainers: How many showed themselves lately.
        counts: What was counted, by name and label.
    """

    jobs: Mapping[Status, int]
    longest_wait_s: float
    silence_s: float
    samples_per_second: float
    step_s: float
    trainers: int
    counts: Mapping[tuple[str, str], int]


class MetricsStore:
    """Looks at all jobs at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> ServiceMetrics:
        """One look, in one transaction: it reads an index, and the rows of what waits and trains."""
        now = datetime.now(UTC)
        with self._database.read() as session:
            live = session.execute(
                select(JobRow.heartbeat_at, JobRow.samples_per_second, JobRow.config["batch_size"].as_integer()).where(
                    JobRow.status.in_(LIVE)
                )
            ).all()
            return ServiceMetrics(
                jobs=_jobs(session),
                longest_wait_s=_age_s(_waits_since(session), now),
                silence_s=max((_age_s(heard, now) for heard, _, _ in live), default=0.0),
                samples_per_second=sum(rate or 0.0 for _, rate, _ in live),
                step_s=max((batch / rate for _, rate, batch in live if rate), default=0.0),
                trainers=trainers.count_alive(session, now),
                counts=counters(session),
            )


def _jobs(session: Session) -> dict[Status, int]:
    found = session.execute(select(JobRow.status, func.count()).group_by(JobRow.status))
    return dict.fromkeys(Status, 0) | {Status(status): count for status, count in found}


def _waits_since(session: Session) -> datetime | None:
    """When the first of those that wait came into the queue: the last entry of a queued job's log tells of that."""
    last = (EventRow.job_id == JobRow.id) & (EventRow.number == JobRow.last_event)
    return session.scalar(select(func.min(EventRow.at)).join(JobRow, last).where(JobRow.status == Status.QUEUED))


def _age_s(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0
