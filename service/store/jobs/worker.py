"""The worker's side of a job: recorded, saved, finished. A worker writes only while the job is its own.

What a worker tells twice is written once. An attempt that goes on from a checkpoint trains the steps after it again, to
the very same losses: so nothing that readers were told is ever taken back, and what the log has already is dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.domain.checkpoint import Checkpoint
from service.domain.claims import Claim
from service.domain.event import EventType
from service.domain.history import EpochPoint, LossChunk, newer
from service.domain.job import Failure, Job, Progress, Result, Status
from service.domain.model import DIGITS
from service.domain.worker_messages import AppliedChange, Change, Instructions, ProgressReport
from service.store.jobs.claims import ClaimStore, claimed_row, fail, release_row
from service.store.jobs.event_log import append_event
from service.store.jobs.history import epoch_row, join_epoch, loss_rows
from service.store.jobs.rows import job_value, transition
from service.store.jobs.save_requests import SaveStore
from service.store.models.checkpoints import checkpoint_row, checkpoint_value
from service.store.models.models import add_version
from service.store.retry import retry_while_unavailable
from service.store.tables import ChangeRow, CheckpointRow, EpochRow, EventRow, JobRow, LossRow, SaveRequestRow
from service.store.webhooks.outbox import enqueue_epoch

#: How many figures of how much training make a rate: the share that the newest interval has in it.
SMOOTHING = 0.3

#: What tells two diagnostics apart.
_DIAGNOSTIC_KEY = ("code", "layer", "step")


class WorkerStore(ClaimStore, SaveStore):
    """Jobs, for those who train them."""

    @retry_while_unavailable
    def begin(self, claim: Claim, *, threads: int, total_steps: int, from_step: int) -> None:
        """Start or go on from *from_step*."""
        with self._database.write() as session:
            row = claimed_row(session, claim)
            row.threads, row.total_steps = row.threads or threads, total_steps
            row.step = max(row.step, from_step)

    @retry_while_unavailable
    def job(self, claim: Claim) -> Job:
        """The job that is held, configured as it was created: what was changed since is in `changes`."""
        with self._database.read() as session:
            return job_value(claimed_row(session, claim, lock=False), queue_position=None, tuned=False)

    @retry_while_unavailable
    def changes(self, claim: Claim) -> list[AppliedChange]:
        """The changes that were made while the job trained, in the order of their steps."""
        applied = select(ChangeRow).where(ChangeRow.job_id == claim.job_id, ChangeRow.step.is_not(None))
        with self._database.read() as session:
            rows = session.scalars(applied.order_by(ChangeRow.step, ChangeRow.id))
            return [AppliedChange(**_change_fields(row), step=row.step or 0) for row in rows]

    @retry_while_unavailable
    def record(self, claim: Claim, record: ProgressReport) -> Instructions:
        """Append to the history and the log what they lack, report progress, and read what is asked: one transaction.

        Raises:
            ClaimLost: The job was given to another.
        """
        with self._database.write() as session:
            row = claimed_row(session, claim)
            told = session.scalar(select(func.max(LossRow.last_step)).where(LossRow.job_id == row.id)) or 0
            _apply(session, row, record.changes)
            orders = _instructions(
                session, row, replaying=record.progress.step < told
            )  # first: a query flushes what is told
            _tell_steps(session, row, [newer(chunk, told) for chunk in record.chunks if chunk.last_step > told])
            _tell_epochs(session, row, record.epochs)
            _tell_diagnostics(session, row, record.diagnostics)
            row.heartbeat_at = datetime.now(UTC)
            row.trained_s += record.seconds
            _report(row, record.progress)
            return orders

    @retry_while_unavailable
    def add_checkpoint(self, claim: Claim, checkpoint: Checkpoint, *, answers: Sequence[str] = ()) -> None:
        """Make a job's checkpoint known, and tell those who asked for it."""
        with self._database.write() as session:
            row = claimed_row(session, claim)
            _keep(session, row, checkpoint)
            for request_id in answers:
                if request := session.get(SaveRequestRow, request_id):
                    request.checkpoint_id = checkpoint.id

    @retry_while_unavailable
    def resume_points(self, job_id: str) -> list[Checkpoint]:
        """The job's checkpoints from which training can go on exactly, the furthest first."""
        with self._database.read() as session:
            return [checkpoint_value(row) for row in session.scalars(_resumable(job_id))]

    @retry_while_unavailable
    def succeed(self, claim: Claim, *, restored: Checkpoint | None = None, stopped_epoch: int | None = None) -> None:
        """The job is trained to the end: its last epoch is its result, its best checkpoint a version of ``digits``.

        Args:
            claim: Whose job.
            restored: The weights to which early stopping went back; their epoch is then the result.
            stopped_epoch: The epoch after which training stopped early.
        """
        with self._database.write() as session:
            row = claimed_row(session, claim)
            if row.status == Status.CANCELLING:  # the order came after the last step: it was to end, and it has
                transition(session, row, Status.CANCELLED)
                return
            if restored:
                _keep(session, row, restored)
            last_id = restored.id if restored else session.scalars(_resumable(row.id)).first().id  # type: ignore[union-attr]  # the last epoch is always saved
            best_id = restored.id if restored else _best_checkpoint(session, row.id) or last_id
            version = add_version(session, DIGITS, best_id)
            point = _epoch(session, row.id, restored.epoch if restored else None)
            result = _result(point, last_id, model_version=version.version, stopped_epoch=stopped_epoch)
            row.result = asdict(result)
            transition(session, row, Status.SUCCEEDED)

    @retry_while_unavailable
    def cancelled(self, claim: Claim) -> None:
        """The worker has stopped as it was asked."""
        with self._database.write() as session:
            transition(session, claimed_row(session, claim), Status.CANCELLED)

    @retry_while_unavailable
    def paused(self, claim: Claim) -> None:
        """The worker has saved, and goes; a job resumed meanwhile is queued, one cancelled meanwhile has ended."""
        with self._database.write() as session:
            release_row(session, claimed_row(session, claim))

    @retry_while_unavailable
    def fail(self, claim: Claim, failure: Failure) -> None:
        """The job cannot go on; one that was to be cancelled is."""
        with self._database.write() as session:
            fail(session, claimed_row(session, claim), failure)


def _apply(session: Session, row: JobRow, changes: Sequence[AppliedChange]) -> None:
    for change in changes:
        pending = session.get(ChangeRow, change.id)
        if pending and pending.step is None:
            pending.step = change.step
            told = {"step": change.step, "learning_rate": change.learning_rate, "momentum": change.momentum}
            append_event(session, row, EventType.CHANGE, told)


def _tell_steps(session: Session, row: JobRow, chunks: Sequence[LossChunk]) -> None:
    session.add_all(loss_rows(row.id, chunks))
    for chunk in chunks:
        append_event(session, row, EventType.STEPS, {"first_step": chunk.first_step, "last_step": chunk.last_step})


def _tell_epochs(session: Session, row: JobRow, epochs: Sequence[EpochPoint]) -> None:
    if not epochs:
        return
    last = select(EpochRow.epoch, EpochRow.step).where(EpochRow.job_id == row.id).order_by(EpochRow.epoch.desc())
    told, step = session.execute(last.limit(1)).first() or (0, 0)
    for point in (each for each in epochs if each.epoch > told):
        session.add(epoch_row(row.id, point))
        append_event(session, row, EventType.EPOCH, {"epoch": point.epoch})
        enqueue_epoch(session, row, asdict(point))
        join_epoch(session, row.id, point.epoch, after=step)
        step = point.step


def _tell_diagnostics(session: Session, row: JobRow, diagnostics: Sequence[Mapping[str, Any]]) -> None:
    if not diagnostics:
        return
    earlier = select(EventRow.data).where(EventRow.job_id == row.id, EventRow.type == EventType.DIAGNOSTIC)
    told = {tuple(data.get(name) for name in _DIAGNOSTIC_KEY) for data in session.scalars(earlier)}
    for diagnostic in diagnostics:
        if tuple(diagnostic.get(name) for name in _DIAGNOSTIC_KEY) not in told:
            append_event(session, row, EventType.DIAGNOSTIC, diagnostic)


def _keep(session: Session, row: JobRow, checkpoint: Checkpoint) -> None:
    if session.get(CheckpointRow, checkpoint.id) is None:  # it is there where an answer to us was lost on its way
        session.add(checkpoint_row(checkpoint))
        session.flush()
        told = {"checkpoint_id": checkpoint.id, "step": checkpoint.step, "epoch": checkpoint.epoch}
        append_event(session, row, EventType.CHECKPOINT, told)


def _report(row: JobRow, progress: Progress) -> None:
    row.epoch, row.step = max(progress.epoch, row.epoch), max(progress.step, row.step)
    if rate := progress.samples_per_second:
        row.samples_per_second = (
            rate if row.samples_per_second is None else (SMOOTHING * rate + (1 - SMOOTHING) * row.samples_per_second)
        )


def _instructions(session: Session, row: JobRow, *, replaying: bool) -> Instructions:
    waiting = select(SaveRequestRow.id).where(SaveRequestRow.job_id == row.id, SaveRequestRow.checkpoint_id.is_(None))
    wanted = select(ChangeRow).where(ChangeRow.job_id == row.id, ChangeRow.step.is_(None)).order_by(ChangeRow.id)
    changes = () if replaying else session.scalars(wanted)
    return Instructions(
        stop=row.status == Status.CANCELLING,
        saves=tuple(session.scalars(waiting)),
        pause=row.status == Status.PAUSING,
        changes=tuple(Change(**_change_fields(change)) for change in changes),
    )


def _change_fields(row: ChangeRow) -> dict[str, Any]:
    return {"id": row.id, "learning_rate": row.learning_rate, "momentum": row.momentum}


def _best_checkpoint(session: Session, job_id: str) -> str | None:
    rows = list(session.scalars(select(CheckpointRow).where(CheckpointRow.job_id == job_id)))
    scored = [row for row in rows if "test_accuracy" in row.metrics]
    return max(scored, key=lambda row: (row.metrics["test_accuracy"], row.id)).id if scored else None


def _resumable(job_id: str) -> Select[CheckpointRow]:
    query = select(CheckpointRow).where(CheckpointRow.job_id == job_id, CheckpointRow.resumable)
    return query.order_by(CheckpointRow.step.desc(), CheckpointRow.id.desc())


def _epoch(session: Session, job_id: str, number: int | None) -> EpochRow:
    """The epoch of that number; None asks for the last."""
    query = select(EpochRow).where(EpochRow.job_id == job_id)
    if number is not None:
        query = query.where(EpochRow.epoch == number)
    return session.scalars(query.order_by(EpochRow.epoch.desc()).limit(1)).one()


def _result(point: EpochRow, checkpoint_id: str, *, model_version: int, stopped_epoch: int | None) -> Result:
    if point.test_loss is None or point.test_accuracy is None:
        raise ValueError("A job's last epoch is evaluated on the test set.")
    return Result(
        train_loss=point.train_loss,
        train_accuracy=point.train_accuracy,
        validation_loss=point.validation_loss,
        validation_accuracy=point.validation_accuracy,
        test_loss=point.test_loss,
        test_accuracy=point.test_accuracy,
        checkpoint_id=checkpoint_id,
        model_version=model_version,
        stopped_epoch=stopped_epoch,
    )
