"""What is known of each checkpoint. Its bytes are the blob store's."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

import naivenet
from service.domain.checkpoint import Checkpoint
from service.domain.job import TERMINAL
from service.errors import NotFound, StillInUse
from service.store.database import Database
from service.store.tables import CheckpointRow, JobRow, VersionRow


class CheckpointStore:
    """Checkpoint rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, checkpoint: Checkpoint) -> None:
        """Make a checkpoint known, once its bytes are in the blob store."""
        with self._database.write() as session:
            session.add(checkpoint_row(checkpoint))

    def get(self, checkpoint_id: str) -> Checkpoint:
        """The checkpoint.

        Raises:
            NotFound: There is none of that id.
        """
        with self._database.read() as session:
            return checkpoint_value(_existing(session, checkpoint_id))

    def page(self, *, job_id: str | None, limit: int, after: str | None = None) -> tuple[list[Checkpoint], bool]:
        """Up to *limit* checkpoints, newest first, older than *after*; and whether there are more."""
        query = select(CheckpointRow).order_by(CheckpointRow.id.desc()).limit(limit + 1)
        if job_id:
            query = query.where(CheckpointRow.job_id == job_id)
        if after:
            query = query.where(CheckpointRow.id < after)
        with self._database.read() as session:
            rows = list(session.scalars(query))
            return [checkpoint_value(row) for row in rows[:limit]], len(rows) > limit

    def last_of(self, job_id: str) -> Checkpoint | None:
        """A job's weights where it stands: its result, or what it saved furthest on, whatever the clock said."""
        saved = select(CheckpointRow).where(CheckpointRow.job_id == job_id)
        with self._database.read() as session:
            result = session.scalar(select(JobRow.result).where(JobRow.id == job_id))
            row = session.get(CheckpointRow, result["checkpoint_id"]) if result else None
            row = (
                row
                or session.scalars(saved.order_by(CheckpointRow.step.desc(), CheckpointRow.id.desc()).limit(1)).first()
            )
            return checkpoint_value(row) if row else None

    def delete(self, checkpoint_id: str) -> None:
        """Forget a checkpoint; its bytes can go after.

        Raises:
            StillInUse: A model version or a live job needs it.
        """
        with self._database.write() as session:
            lock_for_deletion(session, CheckpointRow.id == checkpoint_id)
            row = _existing(session, checkpoint_id)
            if user := user_of(session, checkpoint_id):
                raise StillInUse(f"The checkpoint {checkpoint_id!r} is used by {user}.")
            session.delete(row)

    def ids(self) -> set[str]:
        """Every checkpoint's id."""
        with self._database.read() as session:
            return set(session.scalars(select(CheckpointRow.id)))


def lock_for_use(session: Session, checkpoint_id: str) -> CheckpointRow:
    """The checkpoint that something is about to use: until then nobody deletes it.

    Raises:
        NotFound: There is none of that id.
    """
    row = session.get(CheckpointRow, checkpoint_id, with_for_update={"read": True, "key_share": True})
    if row is None:
        raise NotFound("checkpoint", checkpoint_id)
    return row


def lock_for_deletion(session: Session, which: ColumnElement[bool]) -> list[str]:
    """The ids of checkpoints that may be deleted: until then nobody begins to use them."""
    query = select(CheckpointRow.id).where(which).order_by(CheckpointRow.id).with_for_update()
    return list(session.scalars(query))


def user_of(session: Session, checkpoint_id: str) -> str | None:
    """Who needs the checkpoint, in words; None where nobody does."""
    version = session.scalar(select(VersionRow).where(VersionRow.checkpoint_id == checkpoint_id).limit(1))
    if version:
        return f"version {version.version} of the model {version.model!r}"
    live = JobRow.status.not_in(TERMINAL)
    started_from = JobRow.config["init_from"].as_string() == checkpoint_id
    own = select(CheckpointRow.job_id).where(CheckpointRow.id == checkpoint_id).scalar_subquery()
    job = session.scalar(select(JobRow.id).where(live, started_from | (JobRow.id == own)).limit(1))
    return f"the job {job!r}, which has not finished" if job else None


def checkpoint_row(checkpoint: Checkpoint) -> CheckpointRow:
    """The value as a row."""
    fields = {name: getattr(checkpoint, name) for name in _PLAIN}
    return CheckpointRow(**fields, network=checkpoint.network.to_dict(), metrics=dict(checkpoint.metrics))


def checkpoint_value(row: CheckpointRow) -> Checkpoint:
    """The row as a value."""
    metrics: Mapping[str, float] = row.metrics
    fields = {name: getattr(row, name) for name in _PLAIN}
    return Checkpoint(**fields, network=naivenet.Network.from_dict(row.network), metrics=metrics)


_PLAIN = ("id", "job_id", "step", "epoch", "bytes", "sha256", "resumable", "created_at", "state_sha256", "created_by")


def _existing(session: Session, checkpoint_id: str) -> CheckpointRow:
    row = session.get(CheckpointRow, checkpoint_id)
    if row is None:
        raise NotFound("checkpoint", checkpoint_id)
    return row
