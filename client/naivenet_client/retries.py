"""Which failed requests are sent again, and when."""

import random

import httpx2
from msgspec import Struct

from naivenet_client.errors import ServiceError, Timeout, Unreachable

#: The statuses that may pass; requests that change nothing twice are repeated after them.
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})

#: The statuses of requests that the service did not begin to process: every request can be repeated after them.
NOT_PROCESSED = frozenset({408, 425, 429})

#: The errors of requests that were never sent: likewise.
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

#: The errors of addresses that can never work.
HOPELESS = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL)

#: How many times a request is repeated by default.
RETRIES = 4

#: The longest `Retry-After` that is obeyed, in seconds; after a longer one the error is raised at once.
LONGEST_WAIT_S = 60.0

#: The first and the longest wait without `Retry-After`, in seconds: four retries take about two seconds.
FIRST_WAIT_S, LONGEST_BACKOFF_S = 0.125, 5.0

#: The jitter: the largest random addition to `Retry-After` in seconds, and the random factor of other waits.
JITTER_S, JITTER = 0.5, (0.5, 1.5)


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often a failed request is repeated.

    Attributes:
        retries: How many times at most; 0 switches retries off.
        total_s: No request is repeated after this many seconds.
    """

    retries: int = RETRIES
    total_s: float = 120.0


def may_pass(error: BaseException, *, repeatable: bool) -> bool:
    """Return whether to send a request again after *error*.

    Args:
        error: What the request ended with.
        repeatable: Whether sending the request twice does no harm.
    """
    match error:
        case ServiceError():
            waits_long = (error.retry_after or 0) > LONGEST_WAIT_S
            return not waits_long and error.status in (TRANSIENT if repeatable else NOT_PROCESSED)
        case Unreachable() | Timeout():
            cause = error.__context__  # see `as_client_errors`
            return not isinstance(cause, HOPELESS) and (repeatable or isinstance(cause, NOT_SENT))
        case _:
            return False


def wait_s(error: BaseException | None, failures: int) -> float:
    """Return how long to wait after *error*, in seconds: the service's `Retry-After`, or a growing time; and jitter.

    Args:
        error: What the last request ended with.
        failures: How many requests in a row have failed.
    """
    if isinstance(error, ServiceError) and error.retry_after is not None:
        return error.retry_after + random.uniform(0, JITTER_S)  # noqa: S311  # jitter, no secret
    backoff = min(LONGEST_BACKOFF_S, FIRST_WAIT_S * 2.0 ** min(failures - 1, 10))
    return backoff * random.uniform(*JITTER)  # noqa: S311  # likewise
