"""A file beside the SQLite database that is given up when the disk is full, so that what frees space can be written."""

import contextlib
import os
import shutil
from pathlib import Path

#: The size of the reserve: SQLite writes each changed page to its log.
RESERVE_BYTES = 4_000_000

#: The part that is given up for the files that SQLite creates when it opens a database.
OPENING_BYTES = 500_000

#: With less free space, a change that may be larger than the reserve is made in pieces.
NEARLY_FULL_BYTES = 100_000_000


class Reserve:
    """The reserve of one database.

    Args:
        database: The database file; None for a database that is on no disk of this machine.
    """

    def __init__(self, database: Path | None) -> None:
        self.folder = database.parent if database else None
        self._path = database.with_name(f"{database.name}-reserve") if database else None
        self._shared_memory = database.with_name(f"{database.name}-shm") if database else None  # SQLite's

    def fill(self) -> None:
        """Create the file, if there is room for twice its size. No disk can compress its bytes: they are random."""
        if self._path is None or self._size() == RESERVE_BYTES or _free_bytes(self._path.parent) < 2 * RESERVE_BYTES:
            return
        try:
            self._path.write_bytes(os.urandom(RESERVE_BYTES))
        except OSError:  # another process was faster to use the space
            self._path.unlink(missing_ok=True)

    def release(self) -> bool:
        """Delete the file if the disk has less space left than it takes; return whether it was deleted."""
        if self._path is None or not self._path.exists() or _free_bytes(self._path.parent) >= RESERVE_BYTES:
            return False
        with contextlib.suppress(FileNotFoundError):  # another process deletes something, too
            self._path.unlink()
        return True

    def release_for_opening(self) -> None:
        """Shorten the file if the disk has no space for the files without which SQLite cannot open the database."""
        if not (self._path and self._shared_memory) or self._shared_memory.exists():
            return
        if (size := self._size()) and _free_bytes(self._path.parent) < OPENING_BYTES:
            with contextlib.suppress(FileNotFoundError):  # another process deletes something
                os.truncate(self._path, max(size - OPENING_BYTES, 0))

    def is_nearly_needed(self) -> bool:
        """Return whether the disk is nearly full; False for a database that is on no disk of this machine."""
        return self._path is not None and _free_bytes(self._path.parent) < NEARLY_FULL_BYTES

    def _size(self) -> int:
        """Return the size of the file; 0 if there is none."""
        try:
            return self._path.stat().st_size if self._path else 0
        except FileNotFoundError:
            return 0


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free
