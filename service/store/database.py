"""The one engine: SQLite by default, PostgreSQL by URL, brought to the newest migration when it is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from service.errors import Misconfigured, Unavailable

#: How long a writer waits for another, and when one that waited in vain may come back, in seconds.
BUSY_TIMEOUT_S, RETRY_AFTER_S = 15.0, 5

#: The migration that the tables in this code stand for; a test holds it against the newest file.
HEAD = "0006"


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
        self._writing = self._engine.execution_options(immediate=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one moment and changes nothing.

        Raises:
            Unavailable: The database does not answer; so for the others.
        """
        with self._answering(), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction, whole on return and undone on error. On SQLite it holds the write lock from its start."""
        with self._answering(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def ping(self) -> None:
        """Raise unless the database answers."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def migrate(self) -> None:
        """Bring the tables to the newest migration; where they are there already it costs one query."""
        with self._writing.begin() as connection:
            if _revision(connection) != HEAD:
                _upgrade(connection)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            self.failures += 1
            raise Unavailable(f"The database does not answer: {error.orig}.", retry_after_s=RETRY_AFTER_S) from error


def _create_engine(url: str, busy_timeout_s: float) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(f"NAIVENET_DATABASE_URL: {url!r} is no SQLAlchemy URL.") from error
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": busy_timeout_s})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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
    from alembic import command  # noqa: PLC0415  # 0.15 s that only a migration pays
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
