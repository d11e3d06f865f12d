"""Says that a claim's worker lives, from a thread of its own."""

import contextlib
import threading

from service.composition import Services
from service.domain.claims import Claim, ClaimLost
from service.errors import Unavailable

#: So many signs of life fit into the silence after which a worker counts as lost.
BEATS_PER_TIMEOUT = 5


class Heartbeat(threading.Thread):
    """Says that the worker lives, beside its work; it stops when told, or when the job is another's."""

    def __init__(self, services: Services, claim: Claim, *, interval_s: float) -> None:
        super().__init__(daemon=True, name="heart")
        self._services, self._claim, self._interval_s = services, claim, interval_s
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Beat no more."""
        self._stopped.set()

    def run(self) -> None:
        """Beat, at once and from then on."""
        with contextlib.suppress(ClaimLost):
            while True:
                with contextlib.suppress(Unavailable):  # the next beat may be heard
                    self._services.workers.heartbeat(self._claim)
                    self._services.failure_counts.save()
                if self._stopped.wait(self._interval_s):
                    return
