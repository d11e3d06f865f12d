"""Sends heartbeats for workers that have been started and send none yet: on a busy machine that outlasts a lease."""

import time
from collections.abc import Mapping

from service.composition import Services
from service.domain.claims import Claim, Lease
from service.training.heartbeat import BEATS_PER_TIMEOUT, Heartbeat

#: After this time without a heartbeat of its own, only the lease of a new worker counts, in seconds.
LONGEST_START_S = 60.0

#: After this time, a worker that has sent no heartbeat shows that there is no room for another one, in seconds.
SLOW_S = 10.0


class StartingWorkers:
    """The heartbeats of a trainer for the workers that it has started.

    Args:
        services: The store of the heartbeats, and the settings.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._heartbeats: dict[Claim, tuple[Heartbeat, float]] = {}

    @property
    def count(self) -> int:
        """The number of workers that have sent no heartbeat of their own."""
        return len(self._heartbeats)

    @property
    def is_slow(self) -> bool:
        """Whether a worker has been starting for long: the machine, or the cluster, has no room for another."""
        return any(time.monotonic() >= until - LONGEST_START_S + SLOW_S for _, until in self._heartbeats.values())

    def add(self, claim: Claim) -> None:
        """Send heartbeats for a claim whose worker is started now."""
        interval_s = self._services.settings.worker_timeout_s / BEATS_PER_TIMEOUT
        heartbeat = Heartbeat(self._services, claim, interval_s=interval_s)
        heartbeat.start()
        self._heartbeats[claim] = heartbeat, time.monotonic() + LONGEST_START_S

    def hand_over(self, leases: Mapping[Claim, Lease]) -> None:
        """Stop for the claims that are not in force any more, that name their worker, or whose worker is too late."""
        for claim, (_, until) in list(self._heartbeats.items()):
            is_starting = claim in leases and len(leases[claim].processes) == 1
            if not is_starting or time.monotonic() >= until:
                self.stop(claim)

    def stop(self, *claims: Claim) -> None:
        """Send no more heartbeats for these claims."""
        for claim in claims:
            self._heartbeats.pop(claim)[0].stop()

    def stop_all(self) -> None:
        """Send no more heartbeats."""
        self.stop(*self._heartbeats)
