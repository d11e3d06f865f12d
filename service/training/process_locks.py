"""A lock file for each process of a claim: it shows the other containers of a machine that the process has ended.

Process ids mean nothing outside of their container. The kernel releases a lock (`flock`) when its process ends in any
way, and every process of that machine that sees the same file can try it.
"""

import fcntl
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from service.domain.claims import ProcessName
from service.store.sqlite_file import SHARED_TYPES, file_system_type

#: The folder of the lock files in the data folder.
FOLDER = "processes"

#: The age at which the file of a process that was killed is deleted, in seconds: by then no claim names the process.
OLD_S = 86_400.0


@contextmanager
def lock_held(data_dir: Path, process: ProcessName | None) -> Iterator[None]:
    """Hold this process's lock inside.

    There is none where processes have no name, where the folder cannot be written, and on a network file system, where
    a lock can be lost: then only the lease of a claim counts.
    """
    path = _path(data_dir, process) if process else None
    if path is None or file_system_type(data_dir) in SHARED_TYPES:
        yield
        return
    try:
        path.parent.mkdir(exist_ok=True)
        file = path.open("xb")
    except OSError:
        yield
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            path.unlink(missing_ok=True)


def is_released(data_dir: Path, process: ProcessName) -> bool:
    """Return whether a process of this boot held a lock in this folder and has ended; False if nothing is known."""
    return _is_free(_path(data_dir, process))


def remove_old(data_dir: Path) -> None:
    """Delete the files that killed processes left behind."""
    for path in (data_dir / FOLDER).glob("*.lock"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > OLD_S and _is_free(path):
                path.unlink()


def _path(data_dir: Path, process: ProcessName) -> Path:
    name = "\n".join(str(field) for field in vars(process).values())
    return data_dir / FOLDER / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.lock"


def _is_free(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # the lock is held, or there is no such file
        return False
    return True
