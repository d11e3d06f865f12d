"""Starts a PostgreSQL, and measures what calls cost it: CPU time, statements and bytes of its write-ahead log."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy import event, make_url

from service.composition import Services
from tests.postgres import Cluster

#: PostgreSQL's backends publish their statistics at most once a second.
PUBLISHED_S = 1.1


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The mean cost of a call.

    Attributes:
        own_ms: The CPU time of this process.
        server_ms: The CPU time of all processes of PostgreSQL.
        statements: The statements that this process has sent, without ``BEGIN`` and ``COMMIT``.
        wal_bytes: The bytes of the write-ahead log.
    """

    own_ms: float
    server_ms: float
    statements: float
    wal_bytes: float


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Counters of a database, and of its server."""

    transactions: int
    inserted: int
    updated: int
    bytes: int
    wal_bytes: int
    server_ms: float


class PostgresCosts(contextlib.AbstractContextManager["PostgresCosts"]):
    """A PostgreSQL of its own for the duration of a ``with`` block."""

    def __enter__(self) -> Self:
        """Start it."""
        self._cluster = Cluster()
        self.new = self._cluster.new
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._cluster.remove()

    def cost(self, services: Services | None, call: Callable[[], object], times: int) -> Cost:
        """Return the mean cost of *times* calls; statements are counted on the connections of *services*."""
        for _ in range(10):  # psycopg prepares a statement at its sixth execution
            call()
        statements = 0

        def count(*_: object) -> None:
            nonlocal statements
            statements += 1

        engine = services.database._engine if services else None  # noqa: SLF001  # only to count
        if engine:
            event.listen(engine, "before_cursor_execute", count)
        own, server, wal = time.process_time(), self._server_ms(), self._wal_bytes()
        for _ in range(times):
            call()
        own, server, wal = time.process_time() - own, self._server_ms() - server, self._wal_bytes() - wal
        if engine:
            event.remove(engine, "before_cursor_execute", count)
        return Cost(
            own_ms=1000 * own / times, server_ms=server / times, statements=statements / times, wal_bytes=wal / times
        )

    def totals(self, url: str) -> Totals:
        """Return the counters of a database."""
        time.sleep(PUBLISHED_S)
        query = (
            "SELECT xact_commit, tup_inserted, tup_updated, pg_database_size(datid) "
            "FROM pg_stat_database WHERE datname = current_database()"
        )
        found = self._one(query, url)
        counted = dict(zip(("transactions", "inserted", "updated", "bytes"), found, strict=True))
        return Totals(**counted, wal_bytes=self._wal_bytes(), server_ms=self._server_ms())

    def connections(self, url: str) -> int:
        """Return the number of connections to a database, without the one that asks."""
        query = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
        return int(self._one(query, url)[0])

    def _wal_bytes(self) -> int:
        return int(self._one("SELECT pg_current_wal_insert_lsn() - '0/0'", self._cluster.url("postgres"))[0])

    def _server_ms(self) -> float:
        """Return the CPU time of the server's living processes; a connection that closes takes its own with it."""
        server = self._cluster._process.pid  # noqa: SLF001  # only to read its times
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        files = [Path(f"/proc/{each}/schedstat") for each in (str(server), *children)]
        return sum(int(each.read_text().split()[0]) for each in files if each.exists()) / 1e6

    def _one(self, query: str, url: str) -> tuple[int, ...]:
        parsed = make_url(url)
        with psycopg.connect(host=parsed.query["host"], user=parsed.username, dbname=parsed.database) as connection:
            return next(connection.execute(query.encode()))
