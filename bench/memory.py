"""Reads the memory of a process, and its children."""

import subprocess
from pathlib import Path

_KIB, _MB = 1024, 1_000_000
_PROC = Path("/proc")
_PARENT = 1  # of the fields of /proc/PID/stat, counted after the name


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    if _PROC.exists():
        return _status_mb(pid, "VmRSS")
    kilobytes = subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)])  # noqa: S607 -- ps is where PATH says
    return int(kilobytes) * _KIB / _MB


def peak_mb(pid: int) -> float:
    """Return the peak resident memory of a process, in MB; Linux only."""
    return _status_mb(pid, "VmHWM")


def family_mb(pid: int) -> float:
    """Return the resident memory of a process and its descendants, in MB; shared memory counts for each."""
    return resident_mb(pid) + sum(family_mb(child) for child in (children(pid) if _PROC.exists() else ()))


def private_mb(pid: int) -> float:
    """Return the memory of a process that no other process shares, in MB; Linux only."""
    lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * _KIB / _MB


def children(*pids: int) -> list[int]:
    """Return the children of *pids* that still run; Linux only."""
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _parent(entry) in pids]


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[_PARENT])
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return None


def _status_mb(pid: int, field: str) -> float:
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * _KIB / _MB
