"""Opens SQLAlchemy engines for both kinds of databases, with the options that make them behave alike."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from service.errors import Misconfigured
from service.store import sqlite_file

#: How long a writer waits for a lock, and when a client may retry after that, in seconds.
BUSY_TIMEOUT_S, RETRY_AFTER_S = 15.0, 5

#: The time after which a process that hangs inside a transaction, or whose link is cut, loses its locks, in seconds.
IDLE_S = 30.0

#: PostgreSQL's connection options: a server that is absent or has stopped answering is noticed soon.
POSTGRESQL = {
    "client_encoding": "utf8",  # also for a database in SQL_ASCII
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

#: ``?options=none`` in the URL is for a pooler that gives each transaction another session: a connection has no options
#: then, and prepares no statements.
NO_OPTIONS = "none"


def open_engine(url: str, *, busy_timeout_s: float, idle_s: float, **options: Any) -> Engine:
    """Return an engine for a URL; a missing SQLite file is created at its first connection.

    On PostgreSQL a writer waits for a lock as long as on SQLite, and its transaction may be idle for *idle_s*.

    Raises:
        Misconfigured: SQLAlchemy cannot read the URL, or does not have the driver; or the file cannot be used.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(f"NAIVENET_DATABASE_URL: {url!r} is not a SQLAlchemy URL.") from error
    if parsed.get_backend_name() == "postgresql":
        timeouts = {"lock_timeout": BUSY_TIMEOUT_S, "idle_in_transaction_session_timeout": idle_s}
        own = " ".join(f"-c {name}={seconds * 1000:.0f}" for name, seconds in timeouts.items())
        return _create_postgresql(parsed, POSTGRESQL | {"options": own}, **options)
    if parsed.get_backend_name() != "sqlite":
        raise Misconfigured(
            f"NAIVENET_DATABASE_URL: {parsed.drivername!r} is neither sqlite nor postgresql; use one of these."
        )
    engine = create_engine(parsed, connect_args={"timeout": busy_timeout_s}, **options)
    if file := file_of(engine):
        sqlite_file.prepare(file)
        event.listen(engine, "do_connect", lambda *_: sqlite_file.create(file))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def file_of(engine: Engine) -> Path | None:
    """Return the file of a SQLite database; None for a database in memory or on a server."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


def _create_postgresql(url: URL, arguments: Mapping[str, Any], **options: Any) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    ours = {name: value for name, value in arguments.items() if name not in url.query}
    if url.query.get("options") == NO_OPTIONS:
        url, ours = url.difference_update_query(["options"]), ours | {"prepare_threshold": None}
    try:
        return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED", connect_args=ours, **options)
    except ModuleNotFoundError as error:
        raise Misconfigured(f"{url.drivername} needs {error.name}: pip install 'naivenet[postgres]'.") from error


def snapshot_options(engine: Engine) -> dict[str, Any]:
    """Return the options of a transaction that reads one snapshot; SQLite needs none."""
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return snapshot if engine.dialect.name == "postgresql" else {}


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """WAL: readers do not wait for writers. FULL: commits survive a power cut. We begin transactions ourselves.

    FAST: SQLite overwrites deleted rows, but does not write the long ones again only to fill them with zeros.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=FAST"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; a writer takes its lock at once, since upgrading a read lock can fail without waiting."""
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
