"""Appends a worker's progress report to a job's history and event log.

Recording is idempotent. An attempt that resumes from a checkpoint trains the steps after it again, with identical
losses: whatever the log already has is skipped, and nothing that clients have read ever changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from service.domain.event import EventType
from service.domain.history import EpochPoint, LossChunk, newer
from service.domain.job import Progress
from service.domain.worker_messages import AppliedChange, ProgressReport
from service.store.jobs.event_log import append_event
from service.store.jobs.history import epoch_row, join_epoch, loss_rows
from service.store.jobs.steps import append_steps
from service.store.tables import ChangeRow, EpochRow, EventRow, JobRow, LossRow
from service.store.webhooks.outbox import enqueue_epoch

#: The share of the newest interval in the displayed training rate, an exponential moving average.
SMOOTHING = 0.3

#: The fields by which two diagnostics are the same.
_DIAGNOSTIC_KEY = ("code", "layer", "step")

# Statements of each report, which a running job waits for: SQLAlchemy takes longer to build one than SQLite to run it
_LAST_STEP = select(func.max(LossRow.last_step)).where(LossRow.job_id == bindparam("job_id"))
_LAST_EPOCH = (
    select(EpochRow.epoch, EpochRow.step)
    .where(EpochRow.job_id == bindparam("job_id"))
    .order_by(EpochRow.epoch.desc())
    .limit(1)
)


def last_recorded_step(session: Session, job_id: str) -> int:
    """Return the last step whose loss is in the history; 0 if there is none."""
    return session.scalar(_LAST_STEP, {"job_id": job_id}) or 0


def append_changes(session: Session, row: JobRow, changes: Sequence[AppliedChange]) -> None:
    """Mark these changes of hyperparameters as applied."""
    for change in changes:
        pending = session.get(ChangeRow, change.id)
        if pending and pending.step is None:
            pending.step = change.step
            data = {"step": change.step, "learning_rate": change.learning_rate, "momentum": change.momentum}
            append_event(session, row, EventType.CHANGE, data)


def append_report(session: Session, row: JobRow, report: ProgressReport, *, recorded_step: int) -> None:
    """Append the losses after *recorded_step*, and the epochs and diagnostics that the log lacks; update the job."""
    _append_losses(
        session, row, [newer(chunk, recorded_step) for chunk in report.chunks if chunk.last_step > recorded_step]
    )
    _append_epochs(session, row, report.epochs)
    _append_diagnostics(session, row, report.diagnostics)
    append_steps(session, row.id, report.steps)
    row.heartbeat_at = datetime.now(UTC)
    row.trained_s += report.seconds
    _update_progress(row, report.progress)


def _append_losses(session: Session, row: JobRow, chunks: Sequence[LossChunk]) -> None:
    session.add_all(loss_rows(row.id, chunks))
    for chunk in chunks:
        append_event(session, row, EventType.STEPS, {"first_step": chunk.first_step, "last_step": chunk.last_step})


def _append_epochs(session: Session, row: JobRow, epochs: Sequence[EpochPoint]) -> None:
    if not epochs:
        return
    last_epoch, last_step = session.execute(_LAST_EPOCH, {"job_id": row.id}).first() or (0, 0)
    for point in (each for each in epochs if each.epoch > last_epoch):
        session.add(epoch_row(row.id, point))
        append_event(session, row, EventType.EPOCH, {"epoch": point.epoch})
        enqueue_epoch(session, row, asdict(point))
        join_epoch(session, row.id, point.epoch, after=last_step)
        last_step = point.step


def _append_diagnostics(session: Session, row: JobRow, diagnostics: Sequence[Mapping[str, Any]]) -> None:
    if not diagnostics:
        return
    logged = select(EventRow.data).where(EventRow.job_id == row.id, EventRow.type == EventType.DIAGNOSTIC)
    known = {_diagnostic_key(data) for data in session.scalars(logged)}
    for diagnostic in diagnostics:
        if _diagnostic_key(diagnostic) not in known:
            append_event(session, row, EventType.DIAGNOSTIC, diagnostic)


def _diagnostic_key(diagnostic: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(diagnostic.get(name) for name in _DIAGNOSTIC_KEY)


def _update_progress(row: JobRow, progress: Progress) -> None:
    """Raise the row's epoch and step, never lower them: a resumed attempt starts at an earlier step."""
    row.epoch, row.step = max(progress.epoch, row.epoch), max(progress.step, row.step)
    if rate := progress.samples_per_second:
        known = row.samples_per_second
        row.samples_per_second = rate if known is None else SMOOTHING * rate + (1 - SMOOTHING) * known
