"""What API keys have used, by day: counted when a job is created, and when an attempt ends."""

from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.job import LIVE
from service.domain.quotas import Usage, core_seconds
from service.store.tables import JobRow, UsageRow


def add_usage(session: Session, key_id: str, day: date, *, jobs: int = 0, core_s: float = 0.0) -> None:
    """Add to what a key has used on a day."""
    dialect: Any = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    more = dialect.insert(UsageRow).values(key_id=key_id, day=day.isoformat(), jobs=jobs, core_s=core_s)
    sums = {"jobs": UsageRow.jobs + jobs, "core_s": UsageRow.core_s + core_s}
    session.execute(
        more.on_conflict_do_update(index_elements=["key_id", "day"], set_=sums),
        execution_options={"synchronize_session": False},
    )


def charge_attempt(session: Session, row: JobRow, now: datetime) -> None:
    """Add the running time of a job's attempt, which ends now, to what its key has used."""
    if row.created_by:
        for day, core_s in _spent(row, now).items():
            add_usage(session, row.created_by, day, core_s=core_s)


def used_today(session: Session, now: datetime, *, key_id: str | None = None) -> dict[str, Usage]:
    """Return what one key or all keys have used today, with the time so far of attempts that run."""
    today = now.astimezone(UTC).date()
    counted = select(UsageRow).where(UsageRow.day == today.isoformat())
    running = select(JobRow).where(JobRow.status.in_(LIVE), JobRow.created_by.is_not(None))
    if key_id is not None:
        counted, running = counted.where(UsageRow.key_id == key_id), running.where(JobRow.created_by == key_id)
    used = {row.key_id: Usage(jobs=row.jobs, core_s=row.core_s) for row in session.scalars(counted)}
    for owner, so_far in ((str(row.created_by), _spent(row, now).get(today, 0.0)) for row in session.scalars(running)):
        before = used.get(owner, Usage())
        used[owner] = Usage(jobs=before.jobs, core_s=before.core_s + so_far)
    return used


def _spent(row: JobRow, now: datetime) -> dict[date, float]:
    """Return the core seconds of an attempt by day; a trainer of an older version does not store when it claimed."""
    return dict(core_seconds(row.claimed_at, now, threads=row.threads or 1)) if row.claimed_at else {}
