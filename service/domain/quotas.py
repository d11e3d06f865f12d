"""What an API key may use of the service: its weight in the queue, and its quotas for a day (UTC)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from service.errors import QuotaExceeded


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """The weight and the quotas of an API key.

    Attributes:
        weight: A key with weight 2 gets twice the share of the queue of a key with weight 1.
        jobs_per_day: How many jobs it may create on a day; None for no limit.
        core_minutes_per_day: After how many minutes of its jobs' threads it may create no more; None for no limit.
    """

    weight: float = 1.0
    jobs_per_day: int | None = None
    core_minutes_per_day: float | None = None


#: The allowance of a key for which nothing else was chosen.
UNLIMITED = Allowance()


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What an API key has used on a day: jobs that it created, and seconds of its attempts times their threads."""

    jobs: int = 0
    core_s: float = 0.0

    @property
    def core_minutes(self) -> float:
        """The time in minutes."""
        return self.core_s / 60


def check_quota(key: str, allowance: Allowance, used: Usage, now: datetime, *, jobs: int = 1) -> None:
    """Check that the API key with the name *key* may create so many more *jobs*.

    Raises:
        QuotaExceeded: It has used up a quota of today, or has too little of it left for so many.
    """
    most, minutes = allowance.jobs_per_day, allowance.core_minutes_per_day
    if most is not None and used.jobs >= most:
        raise _exceeded(key, f"has used up its quota of {most} jobs a day ({used.jobs} created today)", now)
    if most is not None and used.jobs + jobs > most:
        left = most - used.jobs
        raise _exceeded(key, f"may create {left} more jobs today by its quota, and this request needs {jobs}", now)
    if minutes is not None and used.core_minutes >= minutes:
        quota = f"{minutes:g} core minutes a day ({used.core_minutes:.1f} used today)"
        raise _exceeded(key, f"has used up its quota of {quota}", now)


def next_day(now: datetime) -> datetime:
    """Return when the day ends, and with it the quotas: midnight in UTC."""
    return _midnight(now.astimezone(UTC).date() + timedelta(days=1))


def core_seconds(began: datetime, ended: datetime, *, threads: int) -> Iterator[tuple[date, float]]:
    """Yield each day of an attempt with its seconds on that day times *threads*; none if a clock went back."""
    while began < ended:
        until = min(next_day(began), ended)
        yield began.astimezone(UTC).date(), (until - began).total_seconds() * threads
        began = until


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _exceeded(key: str, what: str, now: datetime) -> QuotaExceeded:
    resets_at = next_day(now)
    return QuotaExceeded(
        f"The API key {key!r} {what}. It resets at {resets_at:%Y-%m-%d %H:%M} UTC;"
        " retry then, or ask the operator for a larger one.",
        retry_after_s=math.ceil((resets_at - now).total_seconds()),
    )
