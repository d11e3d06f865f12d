"""Names this process, and finds out whether another process of this machine has ended. Both need Linux's ``/proc``."""

import contextlib
import os
import platform
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from service.domain.claims import Lease, ProcessName
from service.training.process_locks import is_released

#: The states of a process that has ended and still has an entry.
_ENDED = frozenset("ZXx")

#: Where the start of a process is among the fields after its name in ``/proc/PID/stat``.
_STATE, _STARTED = 0, 19


def this_process() -> ProcessName | None:
    """Return the name of this process; None where there is no ``/proc``, so that only leases count."""
    host = _host()
    started = _started(os.getpid())
    return ProcessName(**host, pid=os.getpid(), started=started) if host and started is not None else None


def have_ended(lease: Lease, *, data_dir: Path) -> bool:
    """Return whether all processes of a claim are known to have ended.

    While its trainer runs, that trainer reports its workers' ends, with their exit codes.
    """
    ended = [has_ended(each, last_heartbeat=lease.heartbeat_at, data_dir=data_dir) for each in lease.processes]
    return bool(ended) and all(ended)


def has_ended(process: ProcessName, *, last_heartbeat: datetime | None, data_dir: Path) -> bool:
    """Return whether *process* is known to have ended; False if it runs, or if this process cannot know.

    Another host may have the same name. A process of an earlier boot of this host sent its *last_heartbeat* before the
    present boot; one that runs on another host goes on sending heartbeats. A process of another container on this
    machine has ended if its lock in the data folder, which both containers see, is free.
    """
    here = _host()
    is_same_host = bool(here) and process.host == here["host"]
    if not here or process.boot != here["boot"]:
        return is_same_host and last_heartbeat is not None and last_heartbeat < _booted_at()
    if is_same_host and process.namespace == here["namespace"]:
        return _is_gone(process)
    return is_released(data_dir, process)


def _is_gone(process: ProcessName) -> bool:
    """Return whether the process id is free, or belongs to a process that started at another time."""
    started = _started(process.pid)
    if started is not None:
        return started != process.started
    try:
        os.kill(process.pid, 0)  # /proc may hide other users' processes
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _is_zombie(process.pid)


def _started(pid: int) -> int | None:
    """Return when a process started, in clock ticks since the boot; None if it has ended or is hidden."""
    fields = _stat(pid)
    return int(fields[_STARTED]) if fields and fields[_STATE] not in _ENDED else None


def _is_zombie(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[_STATE] in _ENDED


def _stat(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()  # the name may contain spaces
    return []


@cache
def _host() -> dict[str, str]:
    """Return the fields of a name that all processes of this container or machine share; empty without ``/proc``."""
    machine_id = ""
    with contextlib.suppress(OSError):
        machine_id = Path("/etc/machine-id").read_text().strip()
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  # not a path: "pid:[4026531836]"
    except OSError:
        return {}
    return {"host": f"{platform.node()} {machine_id}".strip(), "boot": boot, "namespace": namespace}


def _booted_at() -> datetime:
    return datetime.fromtimestamp(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME), UTC)
