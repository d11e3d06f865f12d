"""A job's row: found, moved from status to status, and made into a value."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from service.domain.config import JobConfig
from service.domain.event import EventType
from service.domain.job import TERMINAL, Failure, Job, Origin, Progress, Result, Status, check_transition
from service.domain.key import Creator
from service.domain.patch import with_hyperparameters
from service.errors import NotFound
from service.store.jobs.event_log import append_event
from service.store.operations.counters import ENDED, count_up
from service.store.tables import JobRow
from service.store.webhooks.outbox import enqueue_job_end

_RESULT = TypeAdapter(Result)


def existing(session: Session, job_id: str, *, lock: bool = False) -> JobRow:
    """The job's row, locked for whoever changes it or appends to its log.

    Raises:
        NotFound: There is none of that id.
    """
    row = session.get(JobRow, job_id, with_for_update=True if lock else None)
    if row is None:
        raise NotFound("job", job_id)
    return row


def transition(session: Session, row: JobRow, wanted: Status, *, reason: Failure | None = None) -> None:
    """Change a job's status, if the table of transitions has the change, and tell of it. The row must be locked."""
    check_transition(Status(row.status), wanted)
    row.status = wanted
    if wanted in TERMINAL:
        row.finished_at = datetime.now(UTC)
        count_up(session, ENDED, wanted)
    append_event(session, row, EventType.STATUS, status_data(row) | ({"reason": asdict(reason)} if reason else {}))
    enqueue_job_end(session, row)


def job_value(row: JobRow, *, queue_position: int | None, tuned: bool = True) -> Job:
    """The row as a value; *tuned* shows the hyperparameters that were asked for since, not those it started with."""
    config = JobConfig.model_validate(row.config, strict=False)
    return Job(
        id=row.id,
        config=with_hyperparameters(config, row.tuned) if tuned and row.tuned else config,
        status=Status(row.status),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        queue_position=queue_position,
        progress=Progress(
            epoch=row.epoch,
            step=row.step,
            total_steps=row.total_steps,
            samples_per_second=row.samples_per_second,
        ),
        result=_RESULT.validate_python(row.result) if row.result else None,
        error=Failure(**row.error) if row.error else None,
        parent_id=row.parent_id,
        attempt=row.attempt,
        threads=row.threads,
        created_by=Creator(id=row.creator.id, name=row.creator.name) if row.creator else None,
        trained_s=row.trained_s,
        origin=Origin(**row.origin) if row.origin else Origin(),
    )


def status_data(row: JobRow) -> dict[str, Any]:
    """What the log says of where a job stands."""
    return {"status": row.status, "attempt": row.attempt}
