"""Garbage collection of the blob store: removes files that belong to no checkpoint, such as a crash leaves behind."""

import logging

from service.errors import ServiceError
from service.storage.blobs import BlobStore
from service.store import CheckpointStore

logger = logging.getLogger(__name__)

#: The number of sweeps in the time after which an unknown file is removed.
SWEEPS_PER_AGE = 4


class Sweeper:
    """Removes files that have been unknown for long enough by a monotonic clock: a wrong wall clock removes nothing.

    Args:
        blobs: The files.
        checkpoints: The checkpoints that files belong to.
        after_s: Seconds for which a file must be unknown: far longer than a worker takes from writing the bytes to
            adding the row, or may be silent.
    """

    def __init__(self, blobs: BlobStore, checkpoints: CheckpointStore, *, after_s: float) -> None:
        self._blobs, self._checkpoints, self._after_s = blobs, checkpoints, after_s
        self._unknown_since: dict[str, float] = {}
        self._swept_at: float | None = None

    def sweep(self, *, now: float) -> list[str]:
        """Sweep if it is time; return the names of the removed files. After an error the next sweep tries again."""
        if self._swept_at is not None and now - self._swept_at < self._after_s / SWEEPS_PER_AGE:
            return []
        self._swept_at = now
        try:
            return self._sweep(now)
        except ServiceError as error:
            logger.warning("cannot sweep the checkpoint store: %s", error)
            return []

    def _sweep(self, now: float) -> list[str]:
        names = self._blobs.names()  # before the ids, so that a row that is added in between makes its file known
        known = self._checkpoints.ids()
        unknown = {name for name in names if name.partition(".")[0] not in known}
        self._unknown_since = {name: self._unknown_since.get(name, now) for name in unknown}
        old = [name for name, since in self._unknown_since.items() if now - since >= self._after_s]
        self._blobs.delete(*old)
        if old:
            logger.info("removed %d files that belong to no checkpoint", len(old))
        return old
