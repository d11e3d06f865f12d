"""Reads jobs' histories: losses by step and metrics by epoch."""

import sys
from array import array
from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from service.domain.history import EpochPoint, LossChunk, LossCurve, SetMetrics
from service.store.database import Database
from service.store.jobs.rows import existing
from service.store.tables import EpochRow, LossRow


class HistoryStore:
    """Reads histories; `WorkerStore.record` appends to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def losses(self, job_id: str, *, after: int = 0, until: int | None = None) -> LossCurve:
        """Return the losses of all steps after *after*, up to step *until* if given.

        Raises:
            NotFound: There is no job with this id.
        """
        with self._database.read() as session:
            existing(session, job_id)
            curve = read_losses(session, job_id, after=after, until=until)
            return curve if until is None else curve.up_to(until)

    def total_steps(self, job_id: str) -> int:
        """Return the number of steps in the history."""
        with self._database.read() as session:
            return session.scalar(select(func.max(LossRow.last_step)).where(LossRow.job_id == job_id)) or 0

    def epochs(self, job_id: str, *, after: int = 0) -> list[EpochPoint]:
        """Return the epochs that ended after step *after*, oldest first.

        Raises:
            NotFound: There is no job with this id.
        """
        query = select(EpochRow).where(EpochRow.job_id == job_id, EpochRow.step > after).order_by(EpochRow.epoch)
        with self._database.read() as session:
            existing(session, job_id)
            return [epoch_point(row) for row in session.scalars(query)]

    def total_epochs(self, job_id: str) -> int:
        """Return the number of epochs in the history."""
        with self._database.read() as session:
            return session.scalar(select(func.count()).where(EpochRow.job_id == job_id)) or 0


def read_losses(session: Session, job_id: str, *, after: int, until: int | None = None) -> LossCurve:
    """Return the losses of the steps after *after*: all, or those of the rows up to the one with step *until*."""
    columns = select(LossRow.first_step, LossRow.epoch, LossRow.losses)
    query = columns.where(LossRow.job_id == job_id, LossRow.last_step > after).order_by(LossRow.last_step)
    if until is not None:
        reaching = select(func.min(LossRow.last_step)).where(LossRow.job_id == job_id, LossRow.last_step >= until)
        query = query.where(LossRow.last_step <= func.coalesce(reaching.scalar_subquery(), until))
    rows = session.connection().execute(query).all()  # thousands of rows take a third longer through the session
    starts, epochs, losses = zip(*rows, strict=True) if rows else ((), (), ())
    known = max(after + 1 - starts[0], 0) if rows else 0  # losses of the first row up to *after*
    return LossCurve(
        first_step=starts[0] + known if rows else after + 1,
        losses=np.frombuffer(b"".join(losses), _STORED)[known:].astype(np.float32, copy=False),
        chunk_starts=np.array(starts, np.intp),
        chunk_epochs=np.array(epochs, np.intp),
    )


def join_epoch(session: Session, job_id: str, epoch: int, *, after: int) -> None:
    """Join an epoch's rows after step *after* into one: fewer rows make a long history faster to read."""
    rows = session.scalars(_EPOCH_ROWS, {"job_id": job_id, "epoch": epoch, "after": after}).all()
    if len(rows) > 1:
        rows[-1].first_step, rows[-1].losses = rows[0].first_step, b"".join(row.losses for row in rows)
        for row in rows[:-1]:
            session.delete(row)


def loss_rows(job_id: str, chunks: Iterable[LossChunk]) -> list[LossRow]:
    """Return chunks as rows."""
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
    """Return an epoch as a row."""
    metrics = {name: getattr(epoch, name) for name in _METRICS}
    return EpochRow(job_id=job_id, **metrics, sets=[asdict(each) for each in epoch.sets] or None)


_STORED = np.dtype("<f4")

# Built once: a running job waits for it
_EPOCH_ROWS = (
    select(LossRow)
    .where(LossRow.job_id == bindparam("job_id"), LossRow.last_step > bindparam("after"))
    .where(LossRow.epoch == bindparam("epoch"))
    .order_by(LossRow.last_step)
)

_METRICS = tuple(name for name in EpochPoint.__dataclass_fields__ if name != "sets")


def _little_endian(losses: "array[float]") -> "array[float]":
    """Return the losses in the byte order of the column."""
    if sys.byteorder == "big":
        losses = losses[:]
        losses.byteswap()
    return losses


def epoch_point(row: EpochRow) -> EpochPoint:
    """Return the row as a value."""
    return EpochPoint(**{name: getattr(row, name) for name in _METRICS}, sets=sets_of(row))


def sets_of(row: EpochRow) -> tuple[SetMetrics, ...]:
    """Return the metrics on each dataset of a mix; empty for a job that trains on one."""
    return tuple(SetMetrics(**each) for each in row.sets or ())
