"""Rows of jobs: found, locked, moved from status to status, and read as values."""

import math
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from service.domain.claims import Claim, ClaimLost
from service.domain.config import JobConfig
from service.domain.event import EventType
from service.domain.forecast import Place
from service.domain.job import (
    LIVE,
    TERMINAL,
    Environment,
    Failure,
    Job,
    Origin,
    Progress,
    Result,
    Status,
    check_transition,
)
from service.domain.key import Creator
from service.domain.patch import with_hyperparameters
from service.errors import NotFound
from service.store.jobs.event_log import append_event
from service.store.jobs.queue import forget_turns_if_idle, give_back_turn
from service.store.operations.counters import ENDED, FAILED, count_up
from service.store.operations.usage import charge_attempt
from service.store.tables import JobRow
from service.store.webhooks.outbox import enqueue_job_end

_RESULT = TypeAdapter(Result)

#: The status of a job after its worker has saved a checkpoint and ended; every other job is queued again.
_AFTER_RELEASE = {Status.CANCELLING: Status.CANCELLED, Status.PAUSING: Status.PAUSED}


def existing(session: Session, job_id: str, *, lock: bool = False) -> JobRow:
    """Return the job's row; *lock* it before changing it or appending to its event log.

    Raises:
        NotFound: There is no job with this id.
    """
    row = session.get(JobRow, job_id, with_for_update=True if lock else None)
    if row is None:
        raise NotFound("job", job_id)
    return row


def claimed_row(session: Session, claim: Claim, *, lock: bool = True) -> JobRow:
    """Return the row of a claimed job: the check of the fencing token. It is locked unless the caller only reads.

    Raises:
        ClaimLost: The job has another attempt, has ended, or was deleted.
    """
    row = session.get(JobRow, claim.job_id, with_for_update=True if lock else None)
    if row is None or row.attempt != claim.attempt or row.status not in LIVE:
        raise ClaimLost(f"The job {claim.job_id!r} is no longer held by attempt {claim.attempt}.")
    return row


def transition(session: Session, row: JobRow, wanted: Status, *, reason: Failure | None = None) -> None:
    """Change the status of a locked job, and append the event; if the job ends, count it and notify webhooks.

    Raises:
        InvalidTransition: The table of transitions does not allow it.
    """
    check_transition(Status(row.status), wanted)
    if row.status in LIVE and wanted not in LIVE:
        charge_attempt(session, row, datetime.now(UTC))
        if wanted == Status.QUEUED:
            give_back_turn(session, row)
    elif wanted == Status.QUEUED:
        forget_turns_if_idle(session)
    row.status = wanted
    if wanted in TERMINAL:
        row.finished_at = datetime.now(UTC)
        count_up(session, ENDED, wanted)
    append_event(session, row, EventType.STATUS, status_data(row) | ({"reason": asdict(reason)} if reason else {}))
    enqueue_job_end(session, row)


def release_row(session: Session, row: JobRow, *, reason: Failure | None = None) -> None:
    """End an attempt that is not counted: cancelled or paused if a client asked for it, else queued again."""
    transition(session, row, _AFTER_RELEASE.get(Status(row.status), Status.QUEUED), reason=reason)


def fail_row(session: Session, row: JobRow, failure: Failure) -> None:
    """End a job with an error; a job that is being cancelled becomes cancelled instead."""
    if row.status == Status.CANCELLING:
        transition(session, row, Status.CANCELLED)
        return
    row.error = asdict(failure)
    count_up(session, FAILED, failure.code)
    transition(session, row, Status.FAILED, reason=failure)


def job_value(row: JobRow, *, place: Place | None = None, tuned: bool = True, config: JobConfig | None = None) -> Job:
    """Return the row as a value.

    Args:
        row: The job's row.
        place: Its place in the queue; None if it is not queued, or the caller does not need it.
        tuned: Show the hyperparameters that clients have changed since the start, not those of the start.
        config: The row's configuration, if the caller has it: reading it from the row validates it again.
    """
    config = config or JobConfig.model_validate(row.config, strict=False)
    return Job(
        id=row.id,
        config=with_hyperparameters(config, row.tuned) if tuned and row.tuned else config,
        status=Status(row.status),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        queue_position=place.position if place else None,
        estimated_start=_starts_at(place) if place else None,
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
        environment=Environment(**row.environment) if row.environment else None,
        experiment_id=row.experiment_id,
        arm=row.arm,
    )


def _starts_at(place: Place) -> datetime | None:
    return datetime.now(UTC) + timedelta(seconds=place.starts_in_s) if math.isfinite(place.starts_in_s) else None


def status_data(row: JobRow) -> dict[str, Any]:
    """Return the data of a status event."""
    return {"status": row.status, "attempt": row.attempt}
