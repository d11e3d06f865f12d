"""A job's log, written: in the transaction that does what it tells, so that neither is ever there without the other."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from service.domain.event import EventType
from service.domain.nonfinite import with_nulls
from service.store.tables import EventRow, JobRow


def append_event(session: Session, row: JobRow, kind: EventType, data: Mapping[str, Any]) -> None:
    """Tell of something. The job's row must be locked: it gives the number."""
    row.last_event += 1
    entry = EventRow(job_id=row.id, number=row.last_event, type=kind, at=datetime.now(UTC), data=with_nulls(data))
    session.add(entry)
