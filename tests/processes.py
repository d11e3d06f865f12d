"""Finds the processes of one service by its data folder, and sends them signals."""

import contextlib
import os
import signal
from pathlib import Path
from typing import Literal

Role = Literal["api", "trainer", "fork server", "worker"]

_MARKS = {
    "api": b"create_app",
    "trainer": b"service.training.trainer",
    "fork server": b"multiprocessing.forkserver",
    "worker": b"multiprocessing.forkserver",
}


def find(data_dir: Path, role: Role) -> list[int]:
    """Return the process ids of that role, in order, of the service with this data folder in its environment.

    They are read from /proc, as ``ps`` truncates command lines to ``COLUMNS``.
    """
    mark = f"NAIVENET_DATA_DIR={data_dir}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes() and _MARKS[role] in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return [
        pid for pid in sorted(found) if role in ("api", "trainer") or _is_fork_server(pid) == (role == "fork server")
    ]


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; return whether the process still existed."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _is_fork_server(pid: int) -> bool:
    """Return whether a process is the fork server, the trainer's own child, and no worker forked from it."""
    with contextlib.suppress(OSError):
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return _MARKS["trainer"] in Path(f"/proc/{parent}/cmdline").read_bytes()
    return True
