"""A PostgreSQL of the tests' own: in a folder that goes away, on a unix socket, as fast as it need not be safe."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy import URL

from service.store.database import Database
from tests.servers import PATIENCE_S, until

#: What may be lost when it stops, as all of it goes away.
UNSAFE = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB"}
UNSAFE |= {"listen_addresses": "", "max_connections": "60"}


class Cluster:
    """A server whose databases are made in a moment, from one that has the tables."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="naivenet-pg-"))
        self._data, self._numbers = self._folder / "data", itertools.count(1)
        self._user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if self._user:  # PostgreSQL refuses to run as root
            shutil.chown(self._folder, "nobody", "nogroup")
        made = ["--pgdata", self._data, "--username", "naivenet", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
        self._run("initdb", *made, "--locale", "C.UTF-8")
        self.start()
        self._admin("CREATE DATABASE template_naivenet")
        tables = Database(self.url("template_naivenet"))
        tables.migrate()
        tables.close()

    def start(self) -> Self:
        """Start the server, and wait until it answers."""
        options = [part for name, value in UNSAFE.items() for part in ("-c", f"{name}={value}")]
        command = [_program("postgres"), "-D", self._data, "-k", self._folder, *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._user)
        until(self._answers, what="PostgreSQL to answer")
        return self

    def stop(self) -> None:
        """End it at once, and all who speak to it."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE_S)

    def remove(self) -> None:
        """End it, and remove all it had."""
        self.stop()
        shutil.rmtree(self._folder)

    def new(self, *, empty: bool = False) -> str:
        """The URL of a new database, with the tables unless it is to be *empty*."""
        name = f"test_{next(self._numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else 'template_naivenet'}")
        return self.url(name)

    def new_without_encoding(self) -> str:
        """The URL of an empty database as a server makes them whose locale is C."""
        name = f"test_{next(self._numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        return self.url(name)

    def url(self, database: str) -> str:
        """As an operator would write it."""
        url = URL.create("postgresql", "naivenet", database=database, query={"host": str(self._folder)})
        return url.render_as_string()

    def _admin(self, statement: str) -> None:
        with psycopg.connect(host=str(self._folder), user="naivenet", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"PostgreSQL ended:\n{(self._folder / 'log').read_text()}")
        try:
            self._admin("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: object) -> None:
        command = [_program(program), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._user)


def _program(name: str) -> str:
    """Debian keeps the server's programs off the path."""
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))]
    program = shutil.which(name) or (str(found[-1]) if found else None)
    if program is None:
        raise FileNotFoundError(f"PostgreSQL's {name} is not here: `make postgres` installs it (Debian: postgresql).")
    return program
