"""Waits out a database that does not answer for a while, where giving up would cost more than waiting."""

import functools
import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from service.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

#: For how long to try, and how long to wait between two tries, in seconds.
PATIENCE_S, PAUSE_S = 60.0, 0.5


def retry_while_unavailable(call: Callable[P, T]) -> Callable[P, T]:
    """*call*, tried again while the database does not answer. It must be one that may be made twice.

    Raises:
        Unavailable: The database did not answer for a minute.
    """

    @functools.wraps(call)
    def tried(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline, told = time.monotonic() + PATIENCE_S, False
        while True:
            try:
                return call(*args, **kwargs)
            except Unavailable as error:
                if time.monotonic() >= deadline:
                    raise
                if not told:
                    logger.warning("%s It is tried again for %d s.", error, PATIENCE_S)
                told = True
                time.sleep(PAUSE_S)

    return tried
