"""Dumps all rows as lines of JSON, and loads them. SQLite and PostgreSQL give the same lines."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    LargeBinary,
    Table,
    TableClause,
    column,
    delete,
    func,
    insert,
    inspect,
    null,
    select,
    table,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import DateTime, TypeEngine

from service.errors import CorruptBackup
from service.store.columns import Base, UtcDateTime
from service.store.database import HEAD, Database
from service.store.operations.identity import file_ids

#: The number of rows in memory at a time.
ROWS_AT_ONCE = 500

#: Tables that describe running processes, the present queue and requests, and this database with its store: dumps leave
#: them out.
_IDENTITY = "store_identity"
TRANSIENT = frozenset({"trainers", "turns", "idempotency_keys", _IDENTITY})


class DumpStore:
    """Dumps a database, and loads a dump into an empty one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(self) -> Iterator[str]:
        """Yield a snapshot of all rows, each as a line ``[table, row]``; rows that others refer to come first."""
        with self._database.read() as session:
            for each in _tables():
                for row in session.execute(select(each).execution_options(yield_per=ROWS_AT_ONCE)).mappings():
                    yield json.dumps([each.name, dict(row)], default=_plain)

    def load(self, lines: Iterable[str], *, migration: str = HEAD) -> None:
        """Insert these rows into an empty database: all of them or none.

        Rows of an older version go into the tables of their *migration*, and the migrations after it change them.

        Raises:
            CorruptBackup: A line was not written by `lines`.
        """
        with self._database.write_at(migration) as session:
            tables = _stored_tables(session)
            if _IDENTITY in tables:  # the restored rows and the new files become a pair of their own
                session.execute(delete(tables[_IDENTITY]))
            for line in lines:
                into, values = _row(line, tables)
                session.execute(insert(into).values(values))

    def file_ids(self) -> set[str]:
        """Return the ids of all checkpoints, datasets and samples that have files."""
        with self._database.read() as session:
            return file_ids(session)

    def is_empty(self) -> bool:
        """Return whether all tables are empty."""
        with self._database.read() as session:
            return not any(session.scalar(select(func.count()).select_from(each)) for each in _tables())


def _tables() -> list[Table]:
    return [each for each in Base.metadata.sorted_tables if each.name not in TRANSIENT]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"No column has the type {type(value).__name__}.")


def _stored_tables(session: Session) -> dict[str, TableClause]:
    """Return the tables as the database has them now, without defaults; columns that still exist keep their types."""
    found = inspect(session.connection())
    known = {each.name: each.c for each in Base.metadata.sorted_tables}
    return {
        name: table(name, *(column(each["name"], _type(known, name, each)) for each in found.get_columns(name)))
        for name in found.get_table_names()
    }


def _type(known: Mapping[str, Any], table_name: str, found: Mapping[str, Any]) -> TypeEngine[Any]:
    columns = known.get(table_name, {})
    stored: TypeEngine[Any] = columns[found["name"]].type if found["name"] in columns else found["type"]
    return stored


def _row(line: str, tables: Mapping[str, TableClause]) -> tuple[TableClause, dict[str, Any]]:
    try:
        name, values = json.loads(line)
        into = tables[name]
        return into, {each: _value(into.c[each].type, value) for each, value in values.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptBackup(f"A row cannot be read: {error}.") from error


def _value(kind: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return null() if isinstance(kind, JSON) else None  # a column of an older version may take None for JSON's null
    if isinstance(kind, UtcDateTime | DateTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value, validate=True) if isinstance(kind, LargeBinary) else value
