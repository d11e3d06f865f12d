"""Reads how much memory a process has, and which processes it has started."""

import subprocess
from pathlib import Path

_KIB, _MB = 1024, 1_000_000
_PROC = Path("/proc")
_PARENT = 1  # of the fields of /proc/PID/stat, counted after the name


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in MB."""
    if _PROC.exists():
        return _status_mb(pid, "VmRSS")
    kilobytes = subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)])  # noqa: S607 -- ps is where PATH says
    return int(kilobytes) * _KIB / _MB


def peak_mb(pid: int) -> float:
    """The most resident memory that a process ever had, in MB; Linux only."""
    return _status_mb(pid, "VmHWM")


def family_mb(pid: int) -> float:
    """Resident memory of a process and of all that it has started, in MB; what they share counts for each."""
    return resident_mb(pid) + sum(family_mb(child) for child in (children(pid) if _PROC.exists() else ()))


def private_mb(pid: int) -> float:
    """The part of a process's memory that no other process shares, in MB; Linux only."""
    lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * _KIB / _MB


def children(*pids: int) -> list[int]:
    """Processes that one of *pids* has started and that still live; Linux only."""
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _parent(entry) in pids]


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[_PARENT])
    except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
        return None


def _status_mb(pid: int, field: str) -> float:
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * _KIB / _MB
