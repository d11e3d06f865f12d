"""Background work of the API process: calls a coroutine function again and again while the application runs."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from service.errors import Unavailable

logger = logging.getLogger(__name__)


@asynccontextmanager
async def periodically(work: Callable[[], Awaitable[None]], *, every_s: float, on_error: str) -> AsyncIterator[None]:
    """While inside, call *work* again *every_s* seconds after it last returned.

    An exception is logged as *on_error* and does not end the loop: a database may be unavailable for a while.
    """

    async def loop() -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await work()
            except Unavailable as error:  # the store logs its outages, each once
                logger.debug("%s: %s", on_error, error)
            except Exception:
                logger.exception(on_error)

    task = asyncio.create_task(loop())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
