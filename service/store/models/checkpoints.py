"""The rows of checkpoints. The blob store holds their bytes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

import naivenet
from service.domain.checkpoint import Checkpoint
from service.domain.job import TERMINAL
from service.domain.listing import ALWAYS, CREATED_AT, Listing, Period
from service.errors import NotFound, StillInUse
from service.store.database import Database
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.pages import created_in, read_page
from service.store.tables import CheckpointRow, JobRow, VersionRow


class CheckpointStore:
    """Checkpoints, as the API reads and changes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, checkpoint: Checkpoint, key: IdempotencyKey | None = None) -> Checkpoint:
        """Add a checkpoint, after its bytes are in the blob store, and return it; with a repeated *key*, the first one.

        Raises:
            IdempotencyConflict: The key was used before, with another body.
        """
        with self._database.write() as session:
            if known := created_before(session, key, lambda checkpoint_id: session.get(CheckpointRow, checkpoint_id)):
                return checkpoint_value(known)
            session.add(checkpoint_row(checkpoint))
            remember(session, key, checkpoint.id)
            return checkpoint

    def get(self, checkpoint_id: str) -> Checkpoint:
        """Return the checkpoint.

        Raises:
            NotFound: There is no checkpoint with this id.
        """
        with self._database.read() as session:
            return checkpoint_value(_existing(session, checkpoint_id))

    def page(
        self, listing: Listing, *, job_id: str | None = None, created: Period = ALWAYS
    ) -> tuple[list[Checkpoint], bool]:
        """Return a page of the checkpoints, or of a job's, and whether there are more.

        Raises:
            InvalidInput: The list is not sorted by time, and the checkpoint that its cursor names was deleted.
        """
        query = created_in(select(CheckpointRow), created, CheckpointRow.created_at)
        if job_id:
            query = query.where(CheckpointRow.job_id == job_id)
        with self._database.read() as session:
            rows, has_more = read_page(session, query, listing, row_id=CheckpointRow.id, keys=_SORT_KEYS)
            return [checkpoint_value(row) for row in rows], has_more

    def last_of(self, job_id: str) -> Checkpoint | None:
        """Return the job's result, or its checkpoint with the highest step; None if it has saved none."""
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
        """Delete a checkpoint's row; the caller deletes its bytes afterwards.

        Raises:
            StillInUse: A model version or a live job needs it.
        """
        with self._database.write_when_full() as session:
            lock_for_deletion(session, CheckpointRow.id == checkpoint_id)
            row = _existing(session, checkpoint_id)
            if user := user_of(session, checkpoint_id):
                raise StillInUse(f"The checkpoint {checkpoint_id!r} cannot be deleted: it is used by {user}.")
            session.delete(row)

    def ids(self) -> set[str]:
        """Return the ids of all checkpoints."""
        with self._database.read() as session:
            return set(session.scalars(select(CheckpointRow.id)))


def lock_for_use(session: Session, checkpoint_id: str) -> CheckpointRow:
    """Return a checkpoint's row, locked against deletion until the transaction has stored its use.

    Raises:
        NotFound: There is no checkpoint with this id.
    """
    row = session.get(CheckpointRow, checkpoint_id, with_for_update={"read": True, "key_share": True})
    if row is None:
        raise NotFound("checkpoint", checkpoint_id)
    return row


def lock_for_deletion(session: Session, which: ColumnElement[bool]) -> list[str]:
    """Return the ids of checkpoints, locked against new uses until the transaction has deleted them."""
    query = select(CheckpointRow.id).where(which).order_by(CheckpointRow.id).with_for_update()
    return list(session.scalars(query))


def user_of(session: Session, checkpoint_id: str) -> str | None:
    """Return what uses the checkpoint, in words; None if nothing does."""
    version = session.scalar(select(VersionRow).where(VersionRow.checkpoint_id == checkpoint_id).limit(1))
    if version:
        return f"version {version.version} of the model {version.model!r}"
    live = JobRow.status.not_in(TERMINAL)
    started_from = JobRow.config["init_from"].as_string() == checkpoint_id
    own = select(CheckpointRow.job_id).where(CheckpointRow.id == checkpoint_id).scalar_subquery()
    job = session.scalar(select(JobRow.id).where(live, started_from | (JobRow.id == own)).limit(1))
    return f"the job {job!r}, which has not finished" if job else None


def checkpoint_row(checkpoint: Checkpoint) -> CheckpointRow:
    """Return the value as a row."""
    fields = {name: getattr(checkpoint, name) for name in _PLAIN}
    return CheckpointRow(**fields, network=checkpoint.network.to_dict(), metrics=dict(checkpoint.metrics))


def checkpoint_value(row: CheckpointRow) -> Checkpoint:
    """Return the row as a value."""
    metrics: Mapping[str, float] = row.metrics
    fields = {name: getattr(row, name) for name in _PLAIN}
    return Checkpoint(**fields, network=naivenet.Network.from_dict(row.network), metrics=metrics)


#: What the list of checkpoints can be sorted by, besides their creation. One without the value comes below all others.
_SORT_KEYS: Mapping[str, ColumnElement[Any]] = {
    "test_accuracy": func.coalesce(CheckpointRow.metrics["test_accuracy"].as_float(), -1.0),
    "step": func.coalesce(CheckpointRow.step, -1),
}
CHECKPOINT_SORTS = (CREATED_AT, *_SORT_KEYS)

_PLAIN = (
    "id",
    "job_id",
    "step",
    "epoch",
    "bytes",
    "sha256",
    "resumable",
    "created_at",
    "state_sha256",
    "created_by",
    "automatic",
    "test_set",
    "shipped",
)


def _existing(session: Session, checkpoint_id: str) -> CheckpointRow:
    row = session.get(CheckpointRow, checkpoint_id)
    if row is None:
        raise NotFound("checkpoint", checkpoint_id)
    return row
