"""Checks the file of a SQLite database before it is opened, so that each fault is one sentence and not a long wait."""

import logging
import os
from pathlib import Path

from service.errors import Misconfigured
from service.operations.users import users_of

logger = logging.getLogger(__name__)

#: The first bytes of every SQLite database.
MAGIC = b"SQLite format 3\0"

#: Types of file systems whose files several machines may open, as Linux names them.
SHARED_TYPES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs", "afs"})


def prepare(file: Path) -> None:
    """Create the folder of the database, and check that the file can be a database and that this user may write it.

    Raises:
        Misconfigured: It cannot be used; the message says why, and what to do.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"The folder {str(file.parent)!r} of the database cannot be created ({error.strerror}; "
            f"{users_of(file.parent)}); create it, or set NAIVENET_DATA_DIR to another one."
        ) from error
    for path in (file.parent, file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise Misconfigured(
                f"{str(path)!r} cannot be read and written: {users_of(path)}. Run the service as its owner, or change "
                "its permissions, or set NAIVENET_DATA_DIR to another folder."
            )
    if file.exists() and _start(file) not in {b"", MAGIC}:
        raise damaged(str(file), "its first bytes are not those of a SQLite database")


def create(file: Path) -> None:
    """Create an empty file that only this user may read, unless it exists: it will hold the secrets of webhooks."""
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def warn_if_shared(file: Path) -> None:
    """Log one line if other machines may open the file, too."""
    if (kind := file_system_type(file)) in SHARED_TYPES:
        logger.warning(
            "%s is on a network file system (%s), and SQLite's log (WAL) works only within one machine: use it from "
            "one machine, or set NAIVENET_DATA_DIR to a local folder, or NAIVENET_DATABASE_URL to PostgreSQL.",
            file,
            kind,
        )


def damaged(name: str, why: str) -> Misconfigured:
    """Return the error of a database that cannot be read."""
    return Misconfigured(
        f"The database {name!r} is damaged: {why}. Move it away, and restore a backup with `naivenet restore`."
    )


def file_system_type(path: Path) -> str | None:
    """Return the type of the file system that holds *path*; None where the system has no ``/proc``."""
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return None
    return _type_of(path.resolve(), lines)


def _type_of(path: Path, mounts: list[str]) -> str | None:
    """Return the type in the last of the longest lines of ``/proc/self/mountinfo`` whose mount point holds *path*."""
    found: tuple[int, str] | None = None
    for line in mounts:
        mount, _, kind = line.partition(" - ")
        point = Path(mount.split()[4].encode().decode("unicode_escape"))  # a space is written as \\040
        if path.is_relative_to(point) and (found is None or len(point.parts) >= found[0]):
            found = len(point.parts), kind.split()[0]
    return found[1] if found else None


def _start(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(len(MAGIC))
