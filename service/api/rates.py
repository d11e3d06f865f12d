"""How often one caller may ask, counted by the library ``limits`` in this process's memory."""

import math
import time
from typing import TYPE_CHECKING

from service.errors import TooManyRequests

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

RawHeaders = list[tuple[bytes, bytes]]


class Rates:
    """Counts requests.

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
