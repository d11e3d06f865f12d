"""Logs an outage of a part once, when it begins and when it ends, however many calls fail meanwhile."""

import logging
import threading
import time

logger = logging.getLogger(__name__)

#: An outage that begins so soon after the last one ended is logged at the level debug, in seconds.
QUIET_S = 30.0


class OutageLog:
    """Logs the outages of one part.

    Args:
        part: The name of the part in log lines.
        level: The level of the lines; processes that report outages in another way use ``logging.DEBUG``.
    """

    def __init__(self, part: str, level: int = logging.DEBUG) -> None:
        self._part, self.level = part, level
        self._since: float | None = None
        self._ended = -QUIET_S
        self._lock = threading.Lock()

    def failed(self, error: Exception) -> None:
        """Record that a call failed because the part was unavailable."""
        with self._lock:
            if self._since is None:
                self._since = time.monotonic()
                logger.log(self._level_now(), "%s This is logged once, until it answers again.", error)

    def answered(self) -> None:
        """Record that a call succeeded."""
        if self._since is None:
            return
        with self._lock:
            if self._since is not None:
                duration_s = time.monotonic() - self._since
                logger.log(self._level_now(), "The %s answers again, after %.1f s.", self._part, duration_s)
                self._since, self._ended = None, time.monotonic()

    def _level_now(self) -> int:
        is_soon = self._since is not None and self._since - self._ended < QUIET_S
        return logging.DEBUG if is_soon else self.level
