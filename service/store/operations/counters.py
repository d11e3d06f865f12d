"""Counters. They outlive deleted jobs, so that a counter never falls."""

from importlib import import_module
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import CounterRow

#: The counters: jobs that ended, by status; jobs that failed, by code; workers that were lost, by code; and calls of
#: trainers and workers that failed because the database or the storage was unavailable, by part.
ENDED, FAILED, LOST, FAILED_CALLS = "ended", "failed", "lost", "unanswered"

#: The highest number that a version of a model had when one was deleted, by model.
NEWEST = "newest_version"


def count_up(session: Session, name: str, label: str, count: int = 1) -> None:
    """Increase a counter, in the transaction of what it counts."""
    dialect_name = session.get_bind().dialect.name
    dialect: Any = import_module(f"sqlalchemy.dialects.{dialect_name}")  # only the one in use is imported
    more = dialect.insert(CounterRow).values(name=name, label=label, count=count)
    session.execute(
        more.on_conflict_do_update(index_elements=["name", "label"], set_={"count": CounterRow.count + count}),
        execution_options={"synchronize_session": False},
    )


def counters(session: Session) -> dict[tuple[str, str], int]:
    """Return all counters, by name and label."""
    return {(row.name, row.label): row.count for row in session.scalars(select(CounterRow))}
