"""What clients want from a running job: its worker reads it with each report."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.domain.job import Status
from service.domain.worker_messages import AppliedChange, Change, Instructions
from service.store.tables import ChangeRow, JobRow, SaveRequestRow

# Built once: with each report of a running job, building them would take longer than the queries
_SAVES = select(SaveRequestRow.id).where(
    SaveRequestRow.job_id == bindparam("job_id"), SaveRequestRow.checkpoint_id.is_(None)
)
_PENDING = (
    select(ChangeRow).where(ChangeRow.job_id == bindparam("job_id"), ChangeRow.step.is_(None)).order_by(ChangeRow.id)
)


def read_instructions(session: Session, row: JobRow, *, replaying: bool) -> Instructions:
    """Return the instructions for a job's worker.

    Args:
        session: The transaction.
        row: The job's row.
        replaying: The worker trains steps again that are in the log: a change applied now would alter them.
    """
    of_job = {"job_id": row.id}
    changes = () if replaying else session.scalars(_PENDING, of_job)
    return Instructions(
        stop=row.status == Status.CANCELLING,
        saves=tuple(session.scalars(_SAVES, of_job)),
        pause=row.status == Status.PAUSING,
        changes=tuple(Change(id=each.id, learning_rate=each.learning_rate, momentum=each.momentum) for each in changes),
    )


def read_applied_changes(session: Session, job_id: str) -> list[AppliedChange]:
    """Return the changes that the job's workers have applied, by step."""
    applied = select(ChangeRow).where(ChangeRow.job_id == job_id, ChangeRow.step.is_not(None))
    return [
        AppliedChange(id=each.id, learning_rate=each.learning_rate, momentum=each.momentum, step=each.step or 0)
        for each in session.scalars(applied.order_by(ChangeRow.step, ChangeRow.id))
    ]
