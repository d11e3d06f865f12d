"""Appends to a job's event log, in the transaction of the change itself: neither is ever there without the other."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from service.domain.event import EventType
from service.domain.nonfinite import with_nulls
from service.store.tables import EventRow, JobRow


def append_event(session: Session, row: JobRow, kind: EventType, data: Mapping[str, Any]) -> None:
    """Append an event. The job's row must be locked, since it counts the events."""
    row.last_event += 1
    event = EventRow(job_id=row.id, number=row.last_event, type=kind, at=datetime.now(UTC), data=with_nulls(data))
    session.add(event)
