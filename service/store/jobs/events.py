"""Reads jobs' event logs. Events never change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.event import Event, EventType
from service.domain.job import Status
from service.store.database import Database
from service.store.jobs.history import epoch_point, read_losses
from service.store.tables import EpochRow, EventRow, JobRow


@dataclass(frozen=True, kw_only=True)
class Head:
    """The number of a job's last event, and the job's status."""

    last_event: int
    status: Status


class EventStore:
    """Reads event logs; `event_log.append_event` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, job_id: str, number: int, *, limit: int) -> list[Event]:
        """Return up to *limit* events after *number*."""
        newer = select(EventRow).where(EventRow.job_id == job_id, EventRow.number > number)
        with self._database.read() as session:
            rows = session.scalars(newer.order_by(EventRow.number).limit(limit)).all()
            return _filled(session, job_id, rows)

    def diagnostics(self, job_id: str) -> list[Mapping[str, Any]]:
        """Return the data of a job's diagnostics, oldest first."""
        found = select(EventRow.data).where(EventRow.job_id == job_id, EventRow.type == EventType.DIAGNOSTIC)
        with self._database.read() as session:
            return list(session.scalars(found.order_by(EventRow.number)))

    def heads(self, job_ids: Collection[str]) -> dict[str, Head]:
        """Return the head of each job's log, without the jobs that do not exist."""
        query = select(JobRow.id, JobRow.last_event, JobRow.status).where(JobRow.id.in_(job_ids))
        with self._database.read() as session:
            found = session.execute(query)
            return {job_id: Head(last_event=last, status=Status(status)) for job_id, last, status in found}


def _filled(session: Session, job_id: str, rows: Sequence[EventRow]) -> list[Event]:
    """Return the events. Rows of losses and epochs hold only their numbers: the data is read from the history."""
    named: dict[str, list[Any]] = {kind: [row.data for row in rows if row.type == kind] for kind in EventType}
    steps = _steps(session, job_id, named[EventType.STEPS])
    ended = [data["epoch"] for data in named[EventType.EPOCH]]
    epochs = select(EpochRow).where(EpochRow.job_id == job_id, EpochRow.epoch.in_(ended))
    points = {row.epoch: epoch_point(row) for row in (session.scalars(epochs) if ended else ())}

    def data_of(row: EventRow) -> Mapping[str, Any]:
        if row.type == EventType.STEPS:
            return steps[row.data["first_step"]]
        return asdict(points[row.data["epoch"]]) if row.type == EventType.EPOCH else row.data

    return [Event(number=row.number, type=EventType(row.type), at=row.at, data=data_of(row)) for row in rows]


def _steps(session: Session, job_id: str, named: Sequence[Mapping[str, int]]) -> dict[int, Mapping[str, Any]]:
    """Return the data of step events by their first step; the events cover consecutive steps."""
    if not named:
        return {}
    curve = read_losses(session, job_id, after=named[0]["first_step"] - 1, until=named[-1]["last_step"])
    firsts = [each["first_step"] for each in named]
    losses = [curve.between(each["first_step"], each["last_step"]).tolist() for each in named]
    epochs = curve.epochs_of(np.array(firsts, np.intp)).tolist()
    events = zip(firsts, epochs, losses, strict=True)
    return {first: {"first_step": first, "epoch": epoch, "losses": those} for first, epoch, those in events}
