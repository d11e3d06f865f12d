"""The memory that the API processes of one service share: counts of each caller, and which changes each has seen.

`naivenet serve --workers` starts several API processes. Each writes only numbers of its own and reads the sum of all,
so no lock is needed, and a process that replaces a killed one clears what that one had counted.
"""

import mmap
import os
from enum import IntEnum
from zlib import crc32

#: The number of counters of a kind. A hash of the caller chooses one, so two callers rarely share a counter.
SLOTS = 16_384
_BYTES = 8


class _Kind(IntEnum):
    """What is counted for each caller."""

    STREAMS = 0
    CONNECTIONS = 1
    REQUESTS = 2
    SECOND = 3  # in which the requests arrived
    FACTS = 4  # about the process itself: its slots are `_Fact`


class _Fact(IntEnum):
    PROCESS = 0
    CHANGES = 1  # how often this process has changed an alias or a version
    SEEN = 2  # how many changes of all processes it has seen
    TRAINER = 3  # whether the trainer runs; written by the parent


class Siblings:
    """The memory of all API processes, as one of them uses it; without siblings, of this process alone.

    Args:
        file: A file descriptor of the memory, which the processes' parent has made.
        count: How many API processes there are.
        index: Which of them this process is, from 0; *count* is their parent.
    """

    def __init__(self, file: int = -1, *, count: int = 1, index: int = 0) -> None:
        self.count, self._index, self._rows = count, index, count + 1
        size = len(_Kind) * self._rows * SLOTS * _BYTES
        if file >= 0:
            os.truncate(file, size)
        self._memory = memoryview(mmap.mmap(file, size)).cast("q")

    @property
    def processes(self) -> list[int]:
        """The ids of all API processes that have started."""
        return [process for process in self._of_all(_Kind.FACTS, _Fact.PROCESS) if process] or [os.getpid()]

    @property
    def process(self) -> int:
        """The id of the last process with this index; 0 if there was none."""
        return self._memory[self._at(_Kind.FACTS, _Fact.PROCESS)]

    def start(self) -> None:
        """Begin with empty counts: this process may replace a killed one."""
        for kind in (_Kind.STREAMS, _Kind.CONNECTIONS, _Kind.REQUESTS, _Kind.SECOND):
            first = self._at(kind, 0)
            self._memory[first : first + SLOTS] = memoryview(bytes(SLOTS * _BYTES)).cast("q")
        self._set(_Fact.PROCESS, os.getpid())

    # Streams and connections of a caller, that is an API key or an address

    def add_stream(self, caller: str, count: int) -> None:
        """Count *count* more open streams of a caller in this process; a negative number for fewer."""
        self._add(_Kind.STREAMS, caller, count)

    def add_connection(self, address: str, count: int) -> None:
        """Count *count* more open connections of an address to this process; a negative number for fewer."""
        self._add(_Kind.CONNECTIONS, address, count)

    def streams(self, caller: str) -> int:
        """Return how many streams of a caller are open in all processes."""
        return sum(self._of_all(_Kind.STREAMS, _slot(caller)))

    def connections(self, address: str) -> int:
        """Return how many connections of an address are open to all processes."""
        return sum(self._of_all(_Kind.CONNECTIONS, _slot(address)))

    # The requests of a caller

    def add_request(self, caller: str, second: int) -> int:
        """Count a request of a caller; return how many all processes have counted in that second."""
        slot = _slot(caller)
        own, counted_in = self._at(_Kind.REQUESTS, slot), self._at(_Kind.SECOND, slot)
        if self._memory[counted_in] != second:
            self._memory[own], self._memory[counted_in] = 0, second
        self._memory[own] += 1
        counts = zip(self._of_all(_Kind.REQUESTS, slot), self._of_all(_Kind.SECOND, slot), strict=True)
        return sum(count for count, of_second in counts if of_second == second)

    # Changes of aliases and versions, which each process keeps loaded

    @property
    def changes(self) -> int:
        """How many changes all processes have made."""
        return sum(self._of_all(_Kind.FACTS, _Fact.CHANGES))

    def add_change(self) -> int:
        """Count a change that this process has made; return the number of all."""
        self._set(_Fact.CHANGES, self._memory[self._at(_Kind.FACTS, _Fact.CHANGES)] + 1)
        return self.changes

    @property
    def seen(self) -> int:
        """How many of all changes this process has seen."""
        return self._memory[self._at(_Kind.FACTS, _Fact.SEEN)]

    @seen.setter
    def seen(self, changes: int) -> None:
        self._set(_Fact.SEEN, changes)

    def have_all_seen(self, changes: int) -> bool:
        """Return whether all API processes have seen so many changes."""
        return min(self._of_all(_Kind.FACTS, _Fact.SEEN)) >= changes

    # The trainer, which the processes' parent supervises

    def trainer_runs(self) -> bool:
        """Return whether the trainer runs."""
        return bool(self._memory[(_Kind.FACTS * self._rows + self.count) * SLOTS + _Fact.TRAINER])

    def set_trainer_runs(self, *, runs: bool) -> None:
        """Write for the API processes whether the trainer runs."""
        self._set(_Fact.TRAINER, int(runs))

    def _add(self, kind: _Kind, caller: str, count: int) -> None:
        self._memory[self._at(kind, _slot(caller))] += count

    def _set(self, fact: _Fact, value: int) -> None:
        self._memory[self._at(_Kind.FACTS, fact)] = value

    def _at(self, kind: _Kind, slot: int) -> int:
        return (kind * self._rows + self._index) * SLOTS + slot

    def _of_all(self, kind: _Kind, slot: int) -> list[int]:
        first = kind * self._rows * SLOTS + slot
        return self._memory[first : first + self.count * SLOTS : SLOTS].tolist()


def _slot(caller: str) -> int:
    return crc32(caller.encode()) % SLOTS
