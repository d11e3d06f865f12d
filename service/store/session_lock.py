"""A lock that one process holds for as long as it runs: the others wait, as spares."""

import contextlib
import fcntl
import zlib
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from service.errors import Unavailable
from service.store.engines import RETRY_AFTER_S


class SessionLock:
    """A named lock. PostgreSQL ends it with the connection that took it, and the kernel with the process.

    With SQLite, whose processes are on one machine, it is the lock of a file beside the database.

    Args:
        engine: The database; each connection is a new one.
        file: The file of a SQLite database; None with PostgreSQL.
        name: What the lock protects.
    """

    def __init__(self, engine: Engine, file: Path | None, name: str) -> None:
        self._engine = engine
        self._number = zlib.crc32(f"naivenet {name}".encode())
        self._path = file.with_name(f"{file.name}-{self._number:08x}.lock") if file else None
        self._connection: Connection | None = None
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Return whether this process holds the lock: it takes it if it is free, and checks that it was not lost.

        Raises:
            Unavailable: The database does not answer, or has ended the connection that took the lock.
        """
        return self._acquire_file(self._path) if self._path else self._acquire_session()

    def close(self) -> None:
        """Release the lock."""
        if self._file:
            self._file.close()
        if self._connection:
            with contextlib.suppress(DBAPIError):
                self._connection.close()
        self._file = self._connection = None

    def _acquire_file(self, path: Path) -> bool:
        if self._file:
            return True
        file = path.open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def _acquire_session(self) -> bool:
        try:
            if self._connection:
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.scalar(select(func.pg_try_advisory_lock(self._number))):
                self._connection = connection
                return True
            connection.close()
        except DBAPIError as error:
            self.close()
            why = " ".join(str(error.orig).split())
            raise Unavailable(f"The database does not answer: {why}.", retry_after_s=RETRY_AFTER_S) from error
        return False
