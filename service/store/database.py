"""The database: SQLite by default, PostgreSQL by URL, with its connection pool, transactions and migrations.

Both behave alike to the stores. SQLite has one writer at a time. On PostgreSQL a writer locks the rows that it
changes, and takes an `advisory_lock` if its decision depends on more: the number of running jobs, the next version.
"""

import logging
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import resources
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Select, func, inspect, select, text
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from service.errors import InvalidInput, Misconfigured, Unavailable
from service.operations.outages import OutageLog
from service.store import sqlite_file
from service.store.engines import BUSY_TIMEOUT_S, IDLE_S, RETRY_AFTER_S, file_of, open_engine, snapshot_options
from service.store.reserve import Reserve
from service.store.session_lock import SessionLock

T = TypeVar("T")

#: The newest migration, which `tables` describes; a test compares it with the files.
HEAD = "0022"


class Database:
    """Opens transactions on a pool of connections.

    Args:
        url: The SQLAlchemy URL. A missing SQLite file is created, with its folder.
        busy_timeout_s: How long a writer waits for another on SQLite, in seconds.
        idle_s: The longest pause inside a transaction on PostgreSQL, in seconds: after it, its locks are lost.

    Raises:
        Misconfigured: SQLAlchemy cannot read the URL, or does not have the driver.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S, idle_s: float = IDLE_S) -> None:
        self.failures = 0  # the number of calls that failed because the database was unavailable
        timeouts = {"busy_timeout_s": busy_timeout_s, "idle_s": idle_s}
        self._engine = open_engine(url, **timeouts)
        self._unpooled = open_engine(url, **timeouts, poolclass=NullPool).execution_options(immediate=True)
        self._reading = self._engine.execution_options(**snapshot_options(self._engine))
        self._writing = self._engine.execution_options(immediate=True)
        self.reserve = Reserve(file_of(self._engine))
        self.reserve.release_for_opening()
        self.outages = OutageLog("database")

    @property
    def name(self) -> str:
        """The URL, without the password."""
        return self._engine.url.render_as_string()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a read-only transaction on a snapshot of the database.

        It ends with COMMIT: at a ROLLBACK, psycopg forgets the statements that the connection has prepared.

        Raises:
            Unavailable: The database is unavailable; the other methods raise it too.
        """
        with (
            self._answering(),
            self._reading.begin() as connection,
            Session(connection, join_transaction_mode="rollback_only") as session,
        ):
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction: committed on return, rolled back on an error. On SQLite it locks at once."""
        with self._answering(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def write_when_full(self) -> Iterator[Session]:
        """Open a transaction as `write` does, for a change that frees space: on a full disk it takes the reserve."""
        is_released = self.reserve.release()
        try:
            with self.write() as session:
                yield session
        finally:
            if is_released:
                self.truncate_log()
                self.reserve.fill()

    def scalars(self, statement: Select[T], parameters: Mapping[str, Any] | None = None) -> Sequence[T]:
        """Return the first column of a query's rows, at half the cost of a session: for polling."""
        with self._answering(), self._reading.begin() as connection:
            return connection.scalars(statement, parameters).all()

    def ping(self) -> None:
        """Check that the database answers."""
        with self._answering(), self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def probe(self) -> None:
        """Open a new connection, take the write lock, and release both.

        Raises:
            Unavailable: No other process could connect and write now, even if this one has a connection in its pool.
        """
        with self._answering(), self._unpooled.begin() as connection:
            connection.execute(text("SELECT 1"))

    def session_lock(self, name: str) -> SessionLock:
        """Return the lock *name*, not taken yet, which one process can hold for as long as it runs."""
        return SessionLock(self._unpooled, file_of(self._engine), name)

    def revision(self) -> str | None:
        """Return the newest migration that was applied; None if there is none."""
        with self._answering(), self._engine.connect() as connection:
            return _revision(connection)

    def migrate(self) -> None:
        """Apply all missing migrations; if there are none, it costs one query."""
        with self._answering(), self._writing.begin() as connection:
            advisory_lock(connection, "migrations")
            revision = _revision(connection)
            if revision is not None and revision not in migrations():
                raise Misconfigured(
                    f"The database {self.name} was written by a newer version of naivenet (migration {revision}); "
                    "install that version, or use another database."
                )
            if revision != HEAD:
                _run_alembic(connection, "upgrade", "head")

    @contextmanager
    def write_at(self, revision: str) -> Iterator[Session]:
        """Open a transaction on the tables as the migration *revision* left them; at its end, all others are applied.

        Only a database without rows may be taken back: a downgrade drops columns.
        """
        with self.write() as session:
            connection = session.connection()
            advisory_lock(connection, "migrations")
            if revision != HEAD:
                _run_alembic(connection, "downgrade", revision)
            yield session
            session.flush()
            if revision != HEAD:
                _run_alembic(connection, "upgrade", "head")

    def warn_if_shared(self) -> None:
        """Log a warning if the file of the database is on a network file system."""
        if file := file_of(self._engine):
            sqlite_file.warn_if_shared(file)

    def truncate_log(self) -> None:
        """Let SQLite move its log into the database file, and give the log's space back if no reader needs it."""
        with suppress(sqlite3.Error), closing(self._engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Translate the driver's errors. A session that the server ended is an internal error to the driver."""
        try:
            yield
        except (OperationalError, InterfaceError, InternalError) as error:
            self.failures += 1
            why = " ".join(str(error.orig).split())
            unavailable = Unavailable(f"The database does not answer: {why}.", retry_after_s=RETRY_AFTER_S)
            self.outages.failed(unavailable)
            raise unavailable from error
        except NoConnectionFree as error:
            self.failures += 1
            raise Unavailable(f"The connection pool is exhausted: {error}.", retry_after_s=RETRY_AFTER_S) from error
        except DataError as error:
            raise InvalidInput(f"The database cannot hold a value: {error.orig}.") from error
        except DatabaseError as error:
            if type(error) is DatabaseError:  # of SQLite: "malformed", or "not a database"
                raise sqlite_file.damaged(self.name, str(error.orig)) from error
            raise
        else:
            self.outages.answered()


def advisory_lock(transaction: Session | Connection, what: str) -> None:
    """Take the lock named *what* until the transaction ends; other transactions wait for it.

    Take it before reading what the decision depends on. SQLite needs none: there is one writer at a time.
    """
    bind = transaction.get_bind() if isinstance(transaction, Session) else transaction
    if bind.dialect.name == "postgresql":
        transaction.execute(select(func.pg_advisory_xact_lock(zlib.crc32(f"naivenet {what}".encode()))))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrations() -> frozenset[str]:
    """Return the names of all migrations that this version has."""
    versions = resources.files("service.store.migrations") / "versions"
    return frozenset(each.name.partition("_")[0] for each in versions.iterdir() if each.name[:1].isdigit())


def _run_alembic(connection: Connection, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # it logs each of its own parts
    from alembic import command  # noqa: PLC0415  # takes 0.15 s, which only a migration needs
    from alembic.config import Config  # noqa: PLC0415  # likewise

    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    config.attributes["connection"] = connection
    (command.upgrade if direction == "upgrade" else command.downgrade)(config, revision)
