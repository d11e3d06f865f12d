"""Calls that nobody answered, of processes that nobody scrapes: they add them to the counts that all share."""

import threading
from collections.abc import Mapping
from typing import Protocol

from service.store.database import Database
from service.store.operations.counters import UNANSWERED, count_up


class Part(Protocol):
    """What may not answer, and counts how often it did not."""

    failures: int


class FailureCountStore:
    """What this process met.

    Args:
        database: Where it is counted, once that answers.
        parts: What may not answer, by name.
    """

    def __init__(self, database: Database, parts: Mapping[str, Part]) -> None:
        self._database, self._parts = database, parts
        self._told = dict.fromkeys(parts, 0)
        self._one_at_a_time = threading.Lock()

    def save(self) -> None:
        """Count what came since; where that fails too, the next time counts it all.

        Raises:
            Unavailable: The database does not answer.
        """
        with self._one_at_a_time:
            met = {name: part.failures for name, part in self._parts.items()}
            news = {name: count - self._told[name] for name, count in met.items() if count > self._told[name]}
            if news:
                with self._database.write() as session:
                    for name, count in news.items():
                        count_up(session, UNANSWERED, name, count)
            self._told = met
