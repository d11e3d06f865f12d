"""A PostgreSQL server for tests: in a temporary folder, on a Unix socket, and with durability switched off."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy import URL

from service.store.columns import Base
from service.store.database import Database
from tests.servers import PATIENCE_S, until

#: Its data survives the server, but need not survive the machine.
OPTIONS = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
OPTIONS |= {"shared_buffers": "32MB", "max_connections": "60"}

#: A database that all migrations have been applied to; others are copied from it.
TEMPLATE = "template_naivenet"

#: A database that tests use one after another.
REUSED = "reused"

#: The id of Debian's user and group without privileges.
UNPRIVILEGED = 65534


class Cluster:
    """A running server.

    Args:
        address: Where it listens beside its Unix socket, to all machines of the networks that this one is in.
    """

    def __init__(self, *, address: str = "") -> None:
        self._address = address
        self._folder = Path(tempfile.mkdtemp(prefix="naivenet-pg-"))
        self._data, self._numbers = self._folder / "data", itertools.count(1)
        self._user = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._user:  # PostgreSQL refuses to run as root
            os.chown(self._folder, UNPRIVILEGED, UNPRIVILEGED)
        made = ["--pgdata", self._data, "--username", "naivenet", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
        self._run("initdb", *made, "--locale", "C.UTF-8")
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet trust\n")
        self.start()
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        template = Database(self.url(TEMPLATE))
        template.migrate()
        template.close()

    def start(self) -> Self:
        """Start the server, and wait until it answers."""
        chosen = {**OPTIONS, "listen_addresses": self._address}
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        command = [_program("postgres"), "-D", self._data, "-k", self._folder, *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._user)
        until(self._is_ready, what="PostgreSQL to answer")
        return self

    def stop(self) -> None:
        """Stop the server at once, and with it every connection."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE_S)

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """While inside, the server does not run."""
        self.stop()
        yield
        self.start()

    @contextlib.contextmanager
    def filled(self) -> Iterator[None]:
        """While inside, all connections that were free at the beginning are taken."""
        with contextlib.ExitStack() as taken:
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    taken.callback(self._connect("postgres").close)
            yield

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self._folder)

    def new(self, *, empty: bool = False) -> str:
        """Create a database, with the tables unless it is to be *empty*; return its URL."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        return self.url(name)

    def emptied(self) -> str:
        """Delete all rows of one database that tests use in turn; return its URL. Copying a database takes longer."""
        is_named = sql.SQL("WHERE datname = {}").format(REUSED)
        if not self._execute(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity ") + is_named,
            sql.SQL("SELECT 1 FROM pg_database ") + is_named,
        ):
            self._execute(f"CREATE DATABASE {REUSED} TEMPLATE {TEMPLATE}")
        tables = [sql.Identifier(table.name) for table in reversed(Base.metadata.sorted_tables)]
        self._execute(*map(sql.SQL("DELETE FROM {}").format, tables), database=REUSED)
        return self.url(REUSED)

    def new_without_encoding(self) -> str:
        """Create an empty database with the encoding that servers choose in the locale C; return its URL."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        return self.url(name)

    def url(self, database: str) -> str:
        """Return the URL of a database, as an operator would write it."""
        url = URL.create(
            "postgresql",
            "naivenet",
            host=self._address or None,
            database=database,
            query={} if self._address else {"host": str(self._folder)},
        )
        return url.render_as_string()

    def _execute(self, *statements: str | sql.Composed, database: str = "postgres") -> bool:
        """Execute the statements, each in its own transaction; return whether the last one found a row."""
        with self._connect(database) as connection:
            cursors = [connection.execute(_query(each)) for each in statements]
            return cursors[-1].description is not None and cursors[-1].fetchone() is not None

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self._folder), user="naivenet", dbname=database, autocommit=True)

    def _is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"PostgreSQL ended:\n{(self._folder / 'log').read_text()}")
        try:
            return self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False

    def _run(self, program: str, *arguments: object) -> None:
        command = [_program(program), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._user)


def _query(statement: str | sql.Composed) -> bytes | sql.Composed:
    return statement.encode() if isinstance(statement, str) else statement


def _program(name: str) -> str:
    """Return the path of one of the server's programs; Debian does not install them on the search path."""
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))]
    program = shutil.which(name) or (str(found[-1]) if found else None)
    if program is None:
        raise FileNotFoundError(f"PostgreSQL's {name} is not installed: run `make postgres` (Debian: postgresql).")
    return program
