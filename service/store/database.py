"""The one engine: SQLite by default, PostgreSQL by URL, brought to the newest migration when it is opened.

Both behave alike to the stores. SQLite lets one write at a time; on PostgreSQL a writer locks the rows it changes,
takes turns by `advisory_lock` where what it decides by is more than those: how many train, which number comes next.
"""

import logging
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Select, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from service.errors import InvalidInput, Misconfigured, Unavailable

T = TypeVar("T")

#: How long a writer waits for another, and when one that waited in vain may come back, in seconds.
BUSY_TIMEOUT_S, RETRY_AFTER_S = 15.0, 5

#: How PostgreSQL is spoken to: one that is not there is told soon, and so is one that stopped answering. A writer waits
#: for another as long as on SQLite, and one that hangs in the middle holds its locks for no longer than half a minute.
POSTGRESQL = {
    "client_encoding": "utf8",  # also of a database that knows no encoding
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": "-c lock_timeout=15s -c idle_in_transaction_session_timeout=30s",
}

#: The migration that the tables in this code stand for; a test holds it against the newest file.
HEAD = "0007"


class Database:
    """Opens transactions.

    Args:
        url: SQLAlchemy URL. A SQLite file is made where there is none, with its folder.
        busy_timeout_s: How long a writer waits for another, on SQLite.

    Raises:
        Misconfigured: The URL is none that SQLAlchemy reads.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.failures = 0  # calls that the database did not answer
        self._engine = _create_engine(url, busy_timeout_s)
        self._reading = self._engine.execution_options(**_reads(self._engine))
        self._writing = self._engine.execution_options(immediate=True)

    @property
    def name(self) -> str:
        """Which database it is, without its password."""
        return self._engine.url.render_as_string()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one moment and changes nothing.

        Raises:
            Unavailable: The database does not answer; so for the others.
        """
        with self._answering(), Session(self._reading) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction, whole on return and undone on error. On SQLite it holds the write lock from its start."""
        with self._answering(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def scalars(self, statement: Select[T]) -> Sequence[T]:
        """The first column of what one query answers: for looks many times a second, at half a session's cost."""
        with self._answering(), self._reading.connect() as connection:
            return connection.scalars(statement).all()

    def ping(self) -> None:
        """Raise unless the database answers."""
        with self._answering(), self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def revision(self) -> str | None:
        """The migration that the tables are at; None before the first."""
        with self._answering(), self._engine.connect() as connection:
            return _revision(connection)

    def migrate(self) -> None:
        """Bring the tables to the newest migration; where they are there already it costs one query."""
        with self._answering(), self._writing.begin() as connection:
            advisory_lock(connection, "migrations")
            if _revision(connection) != HEAD:
                _upgrade(connection)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Failures by their meaning. A session that the server ended is an internal error to the driver."""
        try:
            yield
        except (OperationalError, InterfaceError, InternalError) as error:
            self.failures += 1
            why = " ".join(str(error.orig).split())
            raise Unavailable(f"The database does not answer: {why}.", retry_after_s=RETRY_AFTER_S) from error
        except NoConnectionFree as error:
            self.failures += 1
            raise Unavailable(f"Too many wait for the database: {error}.", retry_after_s=RETRY_AFTER_S) from error
        except DataError as error:
            raise InvalidInput(f"The database cannot hold a value: {error.orig}.") from error


def advisory_lock(transaction: Session | Connection, what: str) -> None:
    """Wait until no other transaction is at *what*, and keep others waiting until this one ends.

    It must come before what is decided is read. On SQLite a writer has that from its start.
    """
    bind = transaction.get_bind() if isinstance(transaction, Session) else transaction
    if bind.dialect.name == "postgresql":
        transaction.execute(select(func.pg_advisory_xact_lock(zlib.crc32(f"naivenet {what}".encode()))))


def _create_engine(url: str, busy_timeout_s: float) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(f"NAIVENET_DATABASE_URL: {url!r} is no SQLAlchemy URL.") from error
    if parsed.get_backend_name() == "postgresql":
        return _create_postgresql(parsed)
    if parsed.get_backend_name() != "sqlite":
        raise Misconfigured(f"NAIVENET_DATABASE_URL: {parsed.drivername!r} is neither sqlite nor postgresql.")
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": busy_timeout_s})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    ours = {name: value for name, value in POSTGRESQL.items() if name not in url.query}
    try:
        return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED", connect_args=ours)
    except ModuleNotFoundError as error:
        raise Misconfigured(f"{url.drivername} needs {error.name}: pip install 'naivenet[postgres]'.") from error


def _reads(engine: Engine) -> dict[str, Any]:
    """A reader sees one moment: on SQLite by itself."""
    one_moment = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return one_moment if engine.dialect.name == "postgresql" else {}


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """WAL: readers pass writers. FULL: what was acknowledged outlasts a power cut. Transactions are ours to begin."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that upgrades from reading can be refused without waiting."""
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # it names each of its own parts
    from alembic import command  # noqa: PLC0415  # 0.15 s that only a migration pays
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
