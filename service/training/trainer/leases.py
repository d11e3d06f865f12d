"""Finds claims whose heartbeat has stopped. It reads only this process's monotonic clock, never the wall clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.domain.claims import Claim

#: A claim whose heartbeat has timed out is lost only after this further share of the timeout, which begins when the
#: database is known to take writes.
GRACE_SHARE = 0.2

#: A longer gap between two checks, as a share of the timeout, means that this process was suspended: the gap does not
#: count as silence.
SUSPENDED_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class _LastHeartbeat:
    """The last heartbeat of a claim.

    Attributes:
        beat: The time in the claim's row. It is compared for equality only.
        seen_at: When it was first seen, by the monotonic clock.
        timed_out_at: When the claim was found silent for longer than the timeout; None before that.
    """

    beat: datetime | None
    seen_at: float
    timed_out_at: float | None = None


class Leases:
    """Keeps the last heartbeat of each claim.

    Args:
        timeout_s: Seconds without a heartbeat after which a claim has timed out.
        probe: Raises if the database takes no writes: then no worker can send a heartbeat.
    """

    def __init__(self, *, timeout_s: float, probe: Callable[[], None]) -> None:
        self._timeout_s, self._probe = timeout_s, probe
        self._last: dict[Claim, _LastHeartbeat] = {}
        self._checked_at: float | None = None

    def lost(self, heartbeats: Mapping[Claim, datetime | None], *, now: float) -> list[Claim]:
        """Return the claims that are lost.

        Args:
            heartbeats: Every claim in force, with its last heartbeat.
            now: The time by a monotonic clock, in seconds.

        Raises:
            Unavailable: The database takes no writes.
        """
        suspended_s = self._suspended_s(now)
        self._last = {claim: self._updated(claim, beat, now, suspended_s) for claim, beat in heartbeats.items()}
        return [claim for claim, last in self._last.items() if self._is_lost(last, now)]

    def forget(self) -> None:
        """Begin again: after an outage of the database every claim has the whole timeout."""
        self._last, self._checked_at = {}, None

    def _suspended_s(self, now: float) -> float:
        gap_s = 0.0 if self._checked_at is None else now - self._checked_at
        self._checked_at = now
        return gap_s if gap_s > SUSPENDED_SHARE * self._timeout_s else 0.0

    def _updated(self, claim: Claim, beat: datetime | None, now: float, suspended_s: float) -> _LastHeartbeat:
        last = self._last.get(claim)
        if last is None or last.beat != beat:
            return _LastHeartbeat(beat=beat, seen_at=now)
        seen_at = min(last.seen_at + suspended_s, now)
        if now - seen_at < self._timeout_s:
            return _LastHeartbeat(beat=beat, seen_at=seen_at)
        if last.timed_out_at is None:
            self._probe()
        return _LastHeartbeat(
            beat=beat, seen_at=seen_at, timed_out_at=now if last.timed_out_at is None else last.timed_out_at
        )

    def _is_lost(self, last: _LastHeartbeat, now: float) -> bool:
        return last.timed_out_at is not None and now - last.timed_out_at >= GRACE_SHARE * self._timeout_s
