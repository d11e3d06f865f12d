"""Garbage collection of the checkpoint store: files without a checkpoint or dataset, such as a crash leaves."""

import logging
import threading
import time

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

    It sweeps only a store that carries the database's id, and only if the database knows a file: with an empty
    database, or with another store's, every file would be unknown.

    Args:
        services: The store, its trash, and the checkpoints and datasets that files belong to.
        after_s: Seconds for which a file must be unknown: far longer than a worker takes from writing the bytes to
            adding the row, or may be silent.
    """

    def __init__(self, services: Services, *, after_s: float) -> None:
        self._services, self._after_s = services, after_s
        self._unknown_since: dict[str, float] = {}
        self._problem: str | None = None

    def run(self, stopped: threading.Event) -> None:
        """Sweep from time to time until *stopped* is set. A problem is logged once; the next sweep tries again."""
        while True:
            try:
                self.sweep(now=time.monotonic())
            except ServiceError as error:
                self._log_once(logging.WARNING, f"cannot sweep the checkpoint store: {error}")
            except Exception:
                logger.exception("the sweep of the checkpoint store failed; the next one tries again")
            if stopped.wait(self._after_s / SWEEPS_PER_AGE):
                return

    def sweep(self, *, now: float) -> list[str]:
        """Sweep once; return the names of the swept files.

        Versions beyond `keep_versions`, and checkpoints of deleted jobs that nothing uses any more, go with them.

        Raises:
            Unavailable: The database or the store is unavailable.
        """
        self._services.database.reserve.fill()
        if problem := self._services.pairing.establish():
            self._log_once(logging.ERROR, f"the checkpoint store is not swept: {problem} {REMEDY}")
            return []
        rules = PruneRules(keep_versions=self._services.settings.keep_versions)
        carry_out(self._services, plan_now(self._services, rules))
        swept = self._sweep(now)
        self._problem = None
        return swept

    def _log_once(self, level: int, problem: str) -> None:
        if problem != self._problem:
            logger.log(level, problem)
        self._problem = problem

    def _sweep(self, now: float) -> list[str]:
        blobs, trash = self._services.blobs, self._services.trash
        names = blobs.names()  # before the ids, so that a row that is added in between makes its file known
        known = self._services.pairing.file_ids()
        if not known:
            return []
        unknown = {name for name in names if name.partition(".")[0] not in known}
        self._unknown_since = {name: self._unknown_since.get(name, now) for name in unknown}
        old = [name for name, since in self._unknown_since.items() if now - since >= self._after_s]
        worthless = [name for name in old if name.startswith((PARTIAL, SNAPSHOT))]
        blobs.delete(*worthless)
        trash.throw(set(old) - set(worthless))
        if old:
            logger.info(
                "moved %d files that belong to no checkpoint and no dataset into the trash", len(old) - len(worthless)
            )
        if back := trash.take_back(known):
            logger.warning("moved %d files of known checkpoints and datasets back from the trash", len(back))
        trash.empty(older_than_days=self._services.settings.trash_days)
        return old
