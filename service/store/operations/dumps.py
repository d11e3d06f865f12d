"""Dumps all rows as lines of JSON, and loads them. SQLite and PostgreSQL give the same lines."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, func, insert, select

from service.errors import CorruptBackup
from service.store.database import Database
from service.store.tables import Base, CheckpointRow, UtcDateTime

#: The number of rows in memory at a time.
ROWS_AT_ONCE = 500

#: Tables that describe running processes: a dump leaves them out.
TRANSIENT = frozenset({"trainers"})


class DumpStore:
    """Dumps a database, and loads a dump into an empty one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(self) -> Iterator[str]:
        """Yield a snapshot of all rows, each as a line ``[table, row]``; rows that others refer to come first."""
        with self._database.read() as session:
            for table in _tables():
                for row in session.execute(select(table).execution_options(yield_per=ROWS_AT_ONCE)).mappings():
                    yield json.dumps([table.name, dict(row)], default=_plain)

    def load(self, lines: Iterable[str]) -> None:
        """Insert these rows: all of them or none.

        Raises:
            CorruptBackup: A line was not written by `lines`.
        """
        with self._database.write() as session:
            for line in lines:
                table, values = _row(line)
                session.execute(insert(table).values(values))

    def checkpoint_ids(self) -> set[str]:
        """Return the ids of all checkpoints."""
        with self._database.read() as session:
            return set(session.scalars(select(CheckpointRow.id)))

    def is_empty(self) -> bool:
        """Return whether all tables are empty."""
        with self._database.read() as session:
            return not any(session.scalar(select(func.count()).select_from(each)) for each in _tables())


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in TRANSIENT]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"No column has the type {type(value).__name__}.")


def _row(line: str) -> tuple[Table, dict[str, Any]]:
    try:
        name, values = json.loads(line)
        table = Base.metadata.tables[name]
        return table, {column: _value(table.c[column], value) for column, value in values.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptBackup(f"A row cannot be read: {error}.") from error


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value, validate=True) if isinstance(column.type, LargeBinary) else value
