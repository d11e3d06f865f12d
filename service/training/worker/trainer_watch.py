"""Notices that the trainer has ended in any way, so that no worker outlives it for longer than it needs to save."""

import logging
import multiprocessing
import os
import threading
import time
from multiprocessing.connection import wait

logger = logging.getLogger(__name__)

#: The share of the shutdown grace in which workers must save a checkpoint and end.
WORKERS_SHARE = 0.75


class TrainerWatch(threading.Thread):
    """Releases the worker when its trainer has ended, and ends the process if it has not ended *grace_s* later.

    Args:
        released: Set when the trainer has ended.
        grace_s: How long the worker may take to save and to release its job, in seconds.
    """

    def __init__(self, released: threading.Event, *, grace_s: float) -> None:
        super().__init__(daemon=True, name="trainer-watch")
        self._released, self._grace_s = released, grace_s

    def run(self) -> None:
        """Wait until the trainer has ended; it holds the other end of a pipe, which the system closes with it."""
        trainer = multiprocessing.parent_process()
        if trainer is None:
            return
        wait([trainer.sentinel])
        logger.warning("the trainer has ended: this worker saves, releases its job and ends")
        self._released.set()
        time.sleep(self._grace_s)
        logger.error("this worker could not save within %g s after the end of its trainer; it ends", self._grace_s)
        os._exit(1)
