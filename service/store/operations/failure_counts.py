"""Failure counts of processes that Prometheus does not scrape: they are added to counters in the database."""

import threading
from collections.abc import Mapping
from typing import Protocol

from service.store.database import Database
from service.store.operations.counters import FAILED_CALLS, count_up


class Part(Protocol):
    """A part that may be unavailable, and counts its failed calls."""

    failures: int


class FailureCountStore:
    """Adds the failures of this process to the shared counters.

    Args:
        database: The database with the counters.
        parts: The parts that count failures, by name.
    """

    def __init__(self, database: Database, parts: Mapping[str, Part]) -> None:
        self._database, self._parts = database, parts
        self._saved = dict.fromkeys(parts, 0)
        self._lock = threading.Lock()

    def save(self) -> None:
        """Add the failures since the last call; after an error the next call adds them.

        Raises:
            Unavailable: The database is unavailable.
        """
        with self._lock:
            totals = {name: part.failures for name, part in self._parts.items()}
            new = {name: count - self._saved[name] for name, count in totals.items() if count > self._saved[name]}
            if new:
                with self._database.write() as session:
                    for name, count in new.items():
                        count_up(session, FAILED_CALLS, name, count)
            self._saved = totals
