"""How often one caller may ask, and how long it may be told: counted in this process's memory."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from service.errors import TooManyRequests

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

RawHeaders = list[tuple[bytes, bytes]]


#: When to come back for a stream, in seconds: others may have ended.
RETRY_AFTER_S = 5


class RateLimits:
    """Counts requests, by the library ``limits``.

    Args:
        per_s: How many a second one caller may send; 0 for no limit.
    """

    def __init__(self, per_s: int) -> None:
        self._limit: RateLimitItem | None = None
        self._limiter: RateLimiter | None = None
        if per_s:  # where nobody is limited, a start is too short for what the library imports
            from limits import RateLimitItemPerSecond, storage, strategies  # noqa: PLC0415  # 45 ms

            self._limit = RateLimitItemPerSecond(per_s)
            self._limiter = strategies.FixedWindowRateLimiter(storage.MemoryStorage())
        self._policy = f'"requests";q={per_s};w=1'

    @property
    def are_limited(self) -> bool:
        """Whether there is anything to count for."""
        return self._limit is not None

    def count(self, who: str) -> RawHeaders:
        """Count a request; what its answer says of the limit.

        Raises:
            TooManyRequests: It is one too many.
        """
        if self._limit is None or self._limiter is None:
            return []
        allowed = self._limiter.hit(self._limit, who)
        reset_at, remaining = self._limiter.get_window_stats(self._limit, who)
        wait_s = max(1, math.ceil(reset_at - time.time()))
        state = f'"requests";r={max(0, remaining)};t={wait_s}'
        if not allowed:
            raise TooManyRequests(
                f"One caller may send {self._limit.amount} requests a second; come back later.",
                retry_after_s=wait_s,
                headers={"RateLimit-Policy": self._policy, "RateLimit": state},
            )
        return [(b"ratelimit-policy", self._policy.encode()), (b"ratelimit", state.encode())]


class StreamLimits:
    """Counts the streams and long polls that are open.

    Args:
        most: How many one caller may have open; 0 for no limit.
    """

    def __init__(self, most: int) -> None:
        self._most, self._open = most, Counter[str]()

    def check(self, who: str) -> None:
        """See whether there is room for one more.

        Raises:
            TooManyRequests: There is none.
        """
        if self._most and self._open[who] >= self._most:
            raise TooManyRequests(
                f"One caller may have {self._most} streams and long polls open; close one, or come back later.",
                retry_after_s=RETRY_AFTER_S,
            )

    @contextmanager
    def one(self, who: str) -> Iterator[None]:
        """While inside, there is one more."""
        self._open[who] += 1
        try:
            yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]
