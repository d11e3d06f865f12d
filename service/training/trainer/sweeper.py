"""Removes bytes that no checkpoint speaks of: what a crash left between the bytes and the row, or of half a write."""

import logging

from service.errors import ServiceError
from service.storage.blobs import BlobStore
from service.store import CheckpointStore

logger = logging.getLogger(__name__)

#: So many looks fit into the time after which bytes that nobody knows are removed.
LOOKS = 4


class Sweeper:
    """Removes what it has seen unknown for long enough, by a monotonic clock: no wall clock makes new bytes look old.

    Args:
        blobs: Where the bytes lie.
        checkpoints: Which of them are known.
        after_s: For how long bytes may be unknown, in seconds: far longer than a worker takes
            from bytes to row, or may be silent.
    """

    def __init__(self, blobs: BlobStore, checkpoints: CheckpointStore, *, after_s: float) -> None:
        self._blobs, self._checkpoints, self._after_s = blobs, checkpoints, after_s
        self._unknown: dict[str, float] = {}
        self._looked_at: float | None = None

    def sweep(self, *, now: float) -> list[str]:
        """Look, if it is time again, and remove; the names of what is gone. A store that fails is tried again later."""
        if self._looked_at is not None and now - self._looked_at < self._after_s / LOOKS:
            return []
        self._looked_at = now
        try:
            return self._sweep(now)
        except ServiceError as error:
            logger.warning("the checkpoint store could not be swept: %s", error)
            return []

    def _sweep(self, now: float) -> list[str]:
        names = self._blobs.names()  # before the ids: bytes whose row comes in between are known
        known = self._checkpoints.ids()
        unknown = {name for name in names if name.partition(".")[0] not in known}
        self._unknown = {name: self._unknown.get(name, now) for name in unknown}
        old = [name for name, since in self._unknown.items() if now - since >= self._after_s]
        self._blobs.delete(*old)
        if old:
            logger.info("removed %d files that no checkpoint speaks of", len(old))
        return old
