"""Fills a database with synthetic jobs, directly and fast; this is not measured."""

from array import array
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import create_engine, insert

from service.composition import compose
from service.domain.config import JobConfig
from service.domain.ids import new_id
from service.domain.job import Status
from service.settings import Settings
from service.store.tables import JobRow, LossRow

STEPS_PER_EPOCH, ROWS_AT_ONCE = 469, 5_000

#: So many jobs are queued, the default limit; all others have ended.
QUEUED = 100


def fill(settings: Settings, count: int) -> str:
    """Insert *count* jobs into the database of a service; return the id of the newest that has ended."""
    compose(settings).close()  # creates the tables
    engine = create_engine(settings.resolved_database_url)
    config, now = JobConfig(seed=1).model_dump(mode="json"), datetime.now(UTC)
    rows = [
        _row(config, now, Status.QUEUED if number >= count - QUEUED else Status.SUCCEEDED) for number in range(count)
    ]
    with engine.begin() as connection:
        for first in range(0, count, ROWS_AT_ONCE):
            connection.execute(insert(JobRow), rows[first : first + ROWS_AT_ONCE])
    engine.dispose()
    return str(rows[count - QUEUED - 1]["id"])


def add_history(settings: Settings, job_id: str, steps: int) -> None:
    """Insert the losses of *steps* steps for a job, one row an epoch, as a worker does."""
    engine = create_engine(settings.resolved_database_url)
    with engine.begin() as connection:
        connection.execute(insert(LossRow), list(_chunks(job_id, steps)))
    engine.dispose()


def _row(config: dict[str, Any], now: datetime, status: Status) -> dict[str, Any]:
    ended = None if status is Status.QUEUED else now
    times = {"created_at": now, "started_at": ended, "finished_at": ended}
    return {"id": new_id("job"), "status": status, "config": config, "labels": {}, "last_event": 1, **times}


def _chunks(job_id: str, steps: int) -> list[dict[str, Any]]:
    chunks = []
    for number, first in enumerate(range(1, steps + 1, STEPS_PER_EPOCH), start=1):
        last = min(first + STEPS_PER_EPOCH - 1, steps)
        losses = array("f", (1 / step for step in range(first, last + 1))).tobytes()
        chunks.append({"job_id": job_id, "last_step": last, "first_step": first, "epoch": number, "losses": losses})
    return chunks
