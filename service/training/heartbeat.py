"""Shows the trainer that a worker lives: the heartbeat of a claim, sent from a thread of its own."""

import contextlib
import threading

from service.composition import Services
from service.domain.claims import Claim, ClaimLost
from service.errors import Unavailable
from service.training.processes import this_process

#: The number of heartbeats in the time after which a silent worker counts as lost.
BEATS_PER_TIMEOUT = 5


class Heartbeat(threading.Thread):
    """Sends heartbeats for a claim until `stop` is called, or until the claim is no longer in force."""

    def __init__(self, services: Services, claim: Claim, *, interval_s: float) -> None:
        super().__init__(daemon=True, name="heartbeat")
        self._services, self._claim, self._interval_s = services, claim, interval_s
        self._process = this_process()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Send no more heartbeats."""
        self._stopped.set()

    def run(self) -> None:
        """Send the first heartbeat at once, and one at each interval."""
        with contextlib.suppress(ClaimLost):
            while True:
                with contextlib.suppress(Unavailable):  # the database may be back at the next heartbeat
                    self._services.workers.heartbeat(self._claim, process=self._process)
                    self._services.failure_counts.save()
                if self._stopped.wait(self._interval_s):
                    return
