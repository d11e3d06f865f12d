"""Retries a store's calls while the database is unavailable, with exponential backoff and jitter."""

import logging

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from service.errors import Unavailable

logger = logging.getLogger(__name__)

#: How long a call is retried in all, and the first and the longest wait between two attempts, in seconds.
TIMEOUT_S, FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 0.25, 2.0

#: Decorates an idempotent call: it is retried for a minute while it raises `Unavailable`.
retry_while_unavailable = stamina.retry(
    on=Unavailable,
    attempts=None,
    timeout=TIMEOUT_S,
    wait_initial=FIRST_WAIT_S,
    wait_max=LONGEST_WAIT_S,
    wait_jitter=FIRST_WAIT_S,
)


def _log_first_retry(details: RetryDetails) -> None:
    """Log one line for each call that is retried; stamina's own hooks would log its arguments, secrets among them."""
    if details.retry_num == 1:
        logger.warning("%s Retrying for up to %d s.", details.caused_by, TIMEOUT_S)


set_on_retry_hooks([_log_first_retry])
