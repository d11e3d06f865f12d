"""The free space of the local disks that hold the database and the checkpoints."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from service.errors import StorageFull


class Disks:
    """The disks of some folders.

    Args:
        folders: The folders; none if the database and the checkpoints are on other machines.
        min_free_bytes: With less free space no job is started.
    """

    def __init__(self, folders: Iterable[Path], *, min_free_bytes: int) -> None:
        self._folders, self._min_free_bytes = tuple(folders), min_free_bytes
        self.last_free_bytes: int | None = None  # as `check` found it; None without a local disk

    def free_bytes(self) -> int | None:
        """Return the free space of the fullest disk; None without a local disk."""
        return min((shutil.disk_usage(folder).free for folder in self._folders if folder.exists()), default=None)

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
