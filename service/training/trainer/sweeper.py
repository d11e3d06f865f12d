"""Garbage collection of the checkpoint store: files that belong to no checkpoint, such as a crash leaves behind."""

import logging

from service.composition import Services
from service.domain.pruning import PruneRules
from service.errors import ServiceError
from service.operations.pruning import carry_out, plan_now
from service.storage.blobs import PARTIAL
from service.storage.pairing import REMEDY
from service.storage.snapshots import SNAPSHOT

logger = logging.getLogger(__name__)

#: The number of sweeps in the time after which an unknown file is removed.
SWEEPS_PER_AGE = 4


class Sweeper:
    """Moves files into the trash that have been unknown for long enough by a monotonic clock.

    It sweeps only a store that carries the database's id, and only if the database knows a checkpoint: with an empty
    database, or with another store's, every file would be unknown.

    Args:
        services: The store, its trash and the checkpoints that files belong to.
        after_s: Seconds for which a file must be unknown: far longer than a worker takes from writing the bytes to
            adding the row, or may be silent.
    """

    def __init__(self, services: Services, *, after_s: float) -> None:
        self._services, self._after_s = services, after_s
        self._unknown_since: dict[str, float] = {}
        self._swept_at: float | None = None
        self._problem: str | None = None

    def sweep(self, *, now: float) -> list[str]:
        """Sweep if it is time; return the names of the swept files. After an error the next sweep tries again.

        Versions beyond `keep_versions`, and checkpoints of deleted jobs that nothing uses any more, go with them.
        """
        if self._swept_at is not None and now - self._swept_at < self._after_s / SWEEPS_PER_AGE:
            return []
        self._swept_at = now
        self._services.database.reserve.fill()
        try:
            if not self._is_allowed():
                return []
            rules = PruneRules(keep_versions=self._services.settings.keep_versions)
            carry_out(self._services, plan_now(self._services, rules))
            return self._sweep(now)
        except ServiceError as error:
            logger.warning("cannot sweep the checkpoint store: %s", error)
            return []

    def _is_allowed(self) -> bool:
        """Return whether database and store belong together; log a problem once."""
        problem = self._services.pairing.establish()
        if problem and problem != self._problem:
            logger.error("the checkpoint store is not swept: %s %s", problem, REMEDY)
        self._problem = problem
        return problem is None

    def _sweep(self, now: float) -> list[str]:
        blobs, trash = self._services.blobs, self._services.trash
        names = blobs.names()  # before the ids, so that a row that is added in between makes its file known
        known = self._services.checkpoints.ids()
        if not known:
            return []
        unknown = {name for name in names if name.partition(".")[0] not in known}
        self._unknown_since = {name: self._unknown_since.get(name, now) for name in unknown}
        old = [name for name, since in self._unknown_since.items() if now - since >= self._after_s]
        worthless = [name for name in old if name.startswith((PARTIAL, SNAPSHOT))]
        blobs.delete(*worthless)
        trash.throw(set(old) - set(worthless))
        if old:
            logger.info("moved %d files that belong to no checkpoint into the trash", len(old) - len(worthless))
        if back := trash.take_back(known):
            logger.warning("moved %d files of known checkpoints back from the trash", len(back))
        trash.empty(older_than_days=self._services.settings.trash_days)
        return old
