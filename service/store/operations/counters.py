"""What is counted for good: rows go when jobs are deleted, and a counter must never fall."""

from importlib import import_module
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import CounterRow

#: What is counted: jobs that ended, by status; jobs that failed, by code; workers that were lost, by code; and calls of
#: trainers and workers that were not answered, by what.
ENDED, FAILED, LOST, UNANSWERED = "ended", "failed", "lost", "unanswered"


def count_up(session: Session, name: str, label: str, count: int = 1) -> None:
    """Count so many more, in the transaction in which it happens."""
    dialect: Any = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")  # one of two, and only that
    more = dialect.insert(CounterRow).values(name=name, label=label, count=count)
    session.execute(
        more.on_conflict_do_update(index_elements=["name", "label"], set_={"count": CounterRow.count + count}),
        execution_options={"synchronize_session": False},
    )


def counters(session: Session) -> dict[tuple[str, str], int]:
    """All counts, by name and label."""
    return {(row.name, row.label): row.count for row in session.scalars(select(CounterRow))}
