"""Limits for one caller, counted by all API processes together: requests a second (rate limit), and open streams."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request

from service.api.siblings import Siblings
from service.domain.key import Caller
from service.errors import TooManyRequests

RawHeaders = list[tuple[bytes, bytes]]

#: The length of the rate limit's windows, in seconds.
WINDOW_S = 1

#: The ``Retry-After`` of a refused stream, in seconds: another stream may have ended by then.
RETRY_AFTER_S = 5


def rate_limit_key(caller: Caller, request: Request) -> str:
    """Return the name under which a caller is counted: its API key's id, or its IP address if no key is required."""
    return caller.id or (request.client.host if request.client else "")


class RateLimits:
    """Counts requests in fixed windows: the seconds of the clock.

    Args:
        per_s: How many requests a second one caller may send; 0 for no limit.
        siblings: Counts for all API processes.
    """

    def __init__(self, per_s: int, siblings: Siblings) -> None:
        self._per_s, self._siblings = per_s, siblings
        self._policy = f'"requests";q={per_s};w={WINDOW_S}'

    @property
    def are_limited(self) -> bool:
        """Whether there is a limit."""
        return self._per_s > 0

    def count(self, caller: str) -> RawHeaders:
        """Count a request, and return the ``RateLimit`` headers of its response.

        Raises:
            TooManyRequests: The caller is over its limit.
        """
        if not self._per_s:
            return []
        rest = self._per_s - self._siblings.add_request(caller, int(time.time()))
        state = f'"requests";r={max(0, rest)};t={WINDOW_S}'
        if rest < 0:
            raise TooManyRequests(
                f"The rate limit is {self._per_s} requests a second for one caller; retry in {WINDOW_S} s.",
                retry_after_s=WINDOW_S,
                headers={"RateLimit-Policy": self._policy, "RateLimit": state},
            )
        return [(b"ratelimit-policy", self._policy.encode()), (b"ratelimit", state.encode())]


class StreamLimits:
    """Counts open streams and long polls.

    Args:
        most: How many one caller may have open; 0 for no limit.
        siblings: Counts for all API processes.
    """

    def __init__(self, most: int, siblings: Siblings) -> None:
        self._most, self._siblings = most, siblings

    def check(self, caller: str) -> None:
        """Check that the caller may open one more.

        Raises:
            TooManyRequests: The caller is at its limit.
        """
        if self._most and self._siblings.streams(caller) >= self._most:
            raise TooManyRequests(
                f"One caller may have {self._most} streams and long polls open; close one, or retry later.",
                retry_after_s=RETRY_AFTER_S,
            )

    @contextmanager
    def opened(self, caller: str) -> Iterator[None]:
        """While inside, count one more open stream of the caller."""
        self._siblings.add_stream(caller, 1)
        try:
            yield
        finally:
            self._siblings.add_stream(caller, -1)
