"""The processes that work on a claim, as the job's row holds them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from service.domain.claims import ProcessName
from service.store.tables import JobRow


def add_process(row: JobRow, process: ProcessName | None) -> None:
    """Add a process to those of the present attempt; None, or one that is there, changes nothing."""
    known = processes_of(row.claimed_by, row.attempt)
    if process and process not in known:
        row.claimed_by = {"attempt": row.attempt, "processes": [asdict(each) for each in (*known, process)]}


def processes_of(claimed_by: Mapping[str, Any] | None, attempt: int) -> tuple[ProcessName, ...]:
    """Return the processes of an attempt. The row of an older version's claim still has those of an earlier attempt."""
    if claimed_by is None or claimed_by["attempt"] != attempt:
        return ()
    return tuple(ProcessName(**each) for each in claimed_by["processes"])
