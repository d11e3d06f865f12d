"""Ends a worker that takes more memory than a job may."""

import logging
import os
import threading
import time

from service.operations.memory import resident_bytes
from service.training.failures import OUT_OF_MEMORY_STATUS

logger = logging.getLogger(__name__)

#: Seconds between two measurements.
INTERVAL_S = 0.1


class MemoryLimit(threading.Thread):
    """Ends this process at once when its memory exceeds the limit, before the machine's other processes run short."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(daemon=True, name="memory-limit")
        self._limit_bytes = limit_bytes

    def run(self) -> None:
        """Measure the memory until it exceeds the limit; then end the process with OUT_OF_MEMORY_STATUS."""
        while (resident_bytes() or 0) <= self._limit_bytes:
            time.sleep(INTERVAL_S)
        logger.error("this process exceeds the memory limit of %d bytes for a job; it ends", self._limit_bytes)
        os._exit(OUT_OF_MEMORY_STATUS)
