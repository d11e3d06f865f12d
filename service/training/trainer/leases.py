"""Watches the signs of life of claims, by a monotonic clock of our own: no wall clock can end a lease or keep it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.domain.claims import Claim

#: Silence is believed only after this share of the timeout has passed since writing was known to work.
GRACE_SHARE = 0.2

#: Looks further apart than this share of the timeout say that we slept ourselves, and heard nobody for that reason.
SLEEP_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A sign of life, when it was first seen, and since when its bearer is in doubt."""

    beat: datetime | None
    since: float
    doubted_at: float | None = None


class Leases:
    """What was heard of each claim.

    Args:
        timeout_s: Silence after which a claim is in doubt, in seconds.
        probe: Raises while the database takes no writes: then silence means nothing.
    """

    def __init__(self, *, timeout_s: float, probe: Callable[[], None]) -> None:
        self._timeout_s, self._probe = timeout_s, probe
        self._seen: dict[Claim, _Seen] = {}
        self._looked_at: float | None = None

    def lost(self, heartbeats: Mapping[Claim, datetime | None], *, now: float) -> list[Claim]:
        """The claims that are lost.

        Args:
            heartbeats: Every claim in force, with its last sign of life.
            now: A monotonic clock's time, in seconds.
        """
        slept_s = self._slept_s(now)
        self._seen = {claim: self._look(claim, beat, now, slept_s) for claim, beat in heartbeats.items()}
        return [claim for claim, seen in self._seen.items() if self._is_lost(seen, now)]

    def _slept_s(self, now: float) -> float:
        gap_s = 0.0 if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        return gap_s if gap_s > SLEEP_SHARE * self._timeout_s else 0.0

    def _look(self, claim: Claim, beat: datetime | None, now: float, slept_s: float) -> _Seen:
        before = self._seen.get(claim)
        if before is None or before.beat != beat:
            return _Seen(beat=beat, since=now)
        since = min(before.since + slept_s, now)
        if now - since < self._timeout_s:
            return _Seen(beat=beat, since=since)
        if before.doubted_at is None:
            self._probe()
        return _Seen(beat=beat, since=since, doubted_at=now if before.doubted_at is None else before.doubted_at)

    def _is_lost(self, seen: _Seen, now: float) -> bool:
        return seen.doubted_at is not None and now - seen.doubted_at >= GRACE_SHARE * self._timeout_s
