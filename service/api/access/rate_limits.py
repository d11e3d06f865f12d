"""Limits for one caller, counted in this process's memory: requests a second (rate limit), and open streams."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapi import Request

from service.domain.key import Caller
from service.errors import TooManyRequests

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

RawHeaders = list[tuple[bytes, bytes]]

#: The ``Retry-After`` of a refused stream, in seconds: another stream may have ended by then.
RETRY_AFTER_S = 5


def rate_limit_key(caller: Caller, request: Request) -> str:
    """Return the name under which a caller is counted: its API key's id, or its IP address if no key is required."""
    return caller.id or (request.client.host if request.client else "")


class RateLimits:
    """Counts requests in fixed windows of one second, with the library ``limits``.

    Args:
        per_s: How many requests a second one caller may send; 0 for no limit.
    """

    def __init__(self, per_s: int) -> None:
        self._limit: RateLimitItem | None = None
        self._limiter: RateLimiter | None = None
        if per_s:  # without a limit, the service starts faster without the library
            from limits import RateLimitItemPerSecond, storage, strategies  # noqa: PLC0415  # takes 45 ms

            self._limit = RateLimitItemPerSecond(per_s)
            self._limiter = strategies.FixedWindowRateLimiter(storage.MemoryStorage())
        self._policy = f'"requests";q={per_s};w=1'

    @property
    def are_limited(self) -> bool:
        """Whether there is a limit."""
        return self._limit is not None

    def count(self, caller: str) -> RawHeaders:
        """Count a request, and return the ``RateLimit`` headers of its response.

        Raises:
            TooManyRequests: The caller is over its limit.
        """
        if self._limit is None or self._limiter is None:
            return []
        allowed = self._limiter.hit(self._limit, caller)
        reset_at, remaining = self._limiter.get_window_stats(self._limit, caller)
        wait_s = max(1, math.ceil(reset_at - time.time()))
        state = f'"requests";r={max(0, remaining)};t={wait_s}'
        if not allowed:
            raise TooManyRequests(
                f"The rate limit is {self._limit.amount} requests a second for one caller; retry in {wait_s} s.",
                retry_after_s=wait_s,
                headers={"RateLimit-Policy": self._policy, "RateLimit": state},
            )
        return [(b"ratelimit-policy", self._policy.encode()), (b"ratelimit", state.encode())]


class StreamLimits:
    """Counts open streams and long polls.

    Args:
        most: How many one caller may have open; 0 for no limit.
    """

    def __init__(self, most: int) -> None:
        self._most, self._open = most, Counter[str]()

    def check(self, caller: str) -> None:
        """Check that the caller may open one more.

        Raises:
            TooManyRequests: The caller is at its limit.
        """
        if self._most and self._open[caller] >= self._most:
            raise TooManyRequests(
                f"One caller may have {self._most} streams and long polls open; close one, or retry later.",
                retry_after_s=RETRY_AFTER_S,
            )

    @contextmanager
    def opened(self, caller: str) -> Iterator[None]:
        """While inside, count one more open stream of the caller."""
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]
