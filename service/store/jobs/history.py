"""A job's history: losses by step, figures by epoch; appended by its worker, read by everybody."""

import sys
from array import array
from collections.abc import Iterable

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.history import EpochPoint, LossChunk, LossCurve
from service.store.database import Database
from service.store.jobs.rows import existing
from service.store.tables import EpochRow, LossRow


class HistoryStore:
    """Reads histories; workers append to them with `WorkerStore.record`, in the transaction that reports progress."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def losses(self, job_id: str, *, after: int = 0) -> LossCurve:
        """The losses of all steps newer than *after*.

        Raises:
            NotFound: There is no such job.
        """
        with self._database.read() as session:
            existing(session, job_id)
            return read_losses(session, job_id, after=after)

    def total_steps(self, job_id: str) -> int:
        """How many steps have been recorded."""
        with self._database.read() as session:
            return session.scalar(select(func.max(LossRow.last_step)).where(LossRow.job_id == job_id)) or 0

    def epochs(self, job_id: str, *, after: int = 0) -> list[EpochPoint]:
        """The epochs that ended after step *after*, oldest first.

        Raises:
            NotFound: There is no such job.
        """
        query = select(EpochRow).where(EpochRow.job_id == job_id, EpochRow.step > after).order_by(EpochRow.epoch)
        with self._database.read() as session:
            existing(session, job_id)
            return [epoch_point(row) for row in session.scalars(query)]

    def total_epochs(self, job_id: str) -> int:
        """How many epochs have been recorded."""
        with self._database.read() as session:
            return session.scalar(select(func.count()).where(EpochRow.job_id == job_id)) or 0


def read_losses(session: Session, job_id: str, *, after: int, until: int | None = None) -> LossCurve:
    """The losses of the steps after *after*: all, or as many rows as it takes to reach step *until*."""
    columns = select(LossRow.first_step, LossRow.epoch, LossRow.losses)
    query = columns.where(LossRow.job_id == job_id, LossRow.last_step > after).order_by(LossRow.last_step)
    if until is not None:
        reaching = select(func.min(LossRow.last_step)).where(LossRow.job_id == job_id, LossRow.last_step >= until)
        query = query.where(LossRow.last_step <= reaching.scalar_subquery())
    rows = session.connection().execute(query).all()  # there can be thousands: by the session it takes a third longer
    starts, epochs, losses = zip(*rows, strict=True) if rows else ((), (), ())
    known = max(after + 1 - starts[0], 0) if rows else 0  # of the first row
    return LossCurve(
        first_step=starts[0] + known if rows else after + 1,
        losses=np.frombuffer(b"".join(losses), _STORED)[known:].astype(np.float32, copy=False),
        chunk_starts=np.array(starts, np.intp),
        chunk_epochs=np.array(epochs, np.intp),
    )


def join_epoch(session: Session, job_id: str, epoch: int, *, after: int) -> None:
    """Make one row of those of an epoch that came *after* that step: who reads a long history waits for each row."""
    query = select(LossRow).where(LossRow.job_id == job_id, LossRow.last_step > after)
    rows = session.scalars(query.where(LossRow.epoch == epoch).order_by(LossRow.last_step)).all()
    if len(rows) > 1:
        rows[-1].first_step, rows[-1].losses = rows[0].first_step, b"".join(row.losses for row in rows)
        for row in rows[:-1]:
            session.delete(row)


def loss_rows(job_id: str, chunks: Iterable[LossChunk]) -> list[LossRow]:
    """Chunks as rows."""
    return [
        LossRow(
            job_id=job_id,
            first_step=chunk.first_step,
            last_step=chunk.last_step,
            epoch=chunk.epoch,
            losses=_little_endian(chunk.losses).tobytes(),
        )
        for chunk in chunks
    ]


def epoch_row(job_id: str, epoch: EpochPoint) -> EpochRow:
    """An epoch as a row."""
    return EpochRow(job_id=job_id, **{name: getattr(epoch, name) for name in _EPOCH_FIELDS})


_STORED = np.dtype("<f4")

_EPOCH_FIELDS = tuple(EpochPoint.__dataclass_fields__)


def _little_endian(losses: "array[float]") -> "array[float]":
    """As the column holds them: the same on every machine that matters today, turned round on others."""
    if sys.byteorder == "big":
        losses = losses[:]
        losses.byteswap()
    return losses


def epoch_point(row: EpochRow) -> EpochPoint:
    """The row as a value."""
    return EpochPoint(**{name: getattr(row, name) for name in _EPOCH_FIELDS})
