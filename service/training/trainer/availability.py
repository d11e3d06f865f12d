"""Knows whether the database and the checkpoint store answer, so that the trainer claims nothing during an outage."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)

#: How long an answer counts, and the pause between two probes of a part that is away, in seconds.
FRESH_S, PAUSE_S = 1.0, 1.0

#: How long the caller waits for a probe, in seconds: a part that answers soon delays no job by a poll.
PATIENCE_S = 0.05


class Availability:
    """Probes the parts in a thread of its own: a part that hangs must not keep the trainer from its other work.

    Each outage is logged with one line at its beginning and one at its end.

    Args:
        probes: One for each part, by its name in log lines; it raises an error while the part is away.
    """

    def __init__(self, probes: Mapping[str, Callable[[], None]]) -> None:
        self._probes = probes
        self._away_since: dict[str, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._fresh_until = self._probe_at = -math.inf

    @property
    def is_outage(self) -> bool:
        """Whether a part was away when it was last used or probed."""
        return bool(self._away_since)

    def check(self) -> bool:
        """Return whether all parts have answered within the last second; if not, begin to probe them."""
        now = time.monotonic()
        is_probing = self._thread is not None and self._thread.is_alive()
        if now >= max(self._fresh_until, self._probe_at) and not is_probing:
            self._thread = threading.Thread(target=self._probe_all, daemon=True, name="availability")
            self._thread.start()
            self._thread.join(PATIENCE_S)
        return time.monotonic() < self._fresh_until

    def report(self, part: str, error: Exception) -> None:
        """Record that a call of *part* has failed."""
        with self._lock:
            self._fresh_until = -math.inf
            if part not in self._away_since:
                self._away_since[part] = time.monotonic()
                logger.warning("%s Until the %s answers, no job is claimed.", error, part)

    def _probe_all(self) -> None:
        answers = [self._answers(part, probe) for part, probe in self._probes.items()]
        if all(answers):
            self._fresh_until = time.monotonic() + FRESH_S
        else:
            self._probe_at = time.monotonic() + PAUSE_S

    def _answers(self, part: str, probe: Callable[[], None]) -> bool:
        try:
            probe()
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, such as a missing folder, no job can use it
            self.report(part, error)
            return False
        with self._lock:
            if (since := self._away_since.pop(part, None)) is not None:
                logger.warning("the %s answers again, after %.0f s; jobs are claimed", part, time.monotonic() - since)
        return True
