"""The free space of the local disks that hold the database, the checkpoints and the data folder."""

import contextlib
import shutil
import time
from pathlib import Path

from service.errors import StorageFull

#: How long a measurement is published, in seconds: a network file system that hangs leaves no newer one.
FRESH_S = 60.0


class Disks:
    """The disks of the folders in which a process keeps its data.

    Args:
        database: The folder of the database file; None for a database on a server.
        checkpoints: The folder of the checkpoint store; None for an object store.
        data: The data folder, with uploads that arrive and with datasets.
        min_free_bytes: With less free space for the database or the checkpoints no job is started.
    """

    def __init__(self, *, database: Path | None, checkpoints: Path | None, data: Path, min_free_bytes: int) -> None:
        self._needed = {
            name: folder for name, folder in {"database": database, "checkpoints": checkpoints}.items() if folder
        }
        self._data, self._min_free_bytes = data, min_free_bytes
        self._measured: dict[str, int] = {}
        self._measured_at = 0.0
        self.last_free_bytes: int | None = None  # as `check` found it; None without a local disk

    def free_bytes(self) -> int | None:
        """Return the free space of the fuller disk of database and checkpoints; None without a local disk."""
        return min(_free_bytes(self._needed).values(), default=None)

    def check(self) -> None:
        """Check that there is enough free space to start a job.

        Raises:
            StorageFull: There is too little.
        """
        free = self.last_free_bytes = self.free_bytes()
        if free is not None and free < self._min_free_bytes:
            raise StorageFull(
                f"Only {free / 1e6:,.1f} MB of disk space are free: jobs wait until there are "
                f"{self._min_free_bytes / 1e6:,.1f} MB. Delete jobs or checkpoints, or run `naivenet prune`."
            )

    def measure(self) -> None:
        """Measure the free space of each folder, for `last_measured`."""
        self._measured = _free_bytes({"data": self._data, **self._needed})
        self._measured_at = time.monotonic()

    def last_measured(self) -> dict[str, int]:
        """Return the free space by folder, without a call that could hang; empty if it was not measured lately."""
        return self._measured if time.monotonic() - self._measured_at < FRESH_S else {}


def _free_bytes(folders: dict[str, Path]) -> dict[str, int]:
    """Return the free space of the disk of each folder that exists."""
    found = {}
    for name, folder in folders.items():
        with contextlib.suppress(FileNotFoundError):
            found[name] = shutil.disk_usage(folder).free
    return found
