"""Thread pools apart from that of most requests: for calls of the checkpoint store, which can hang, and bulk work."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from service.errors import Unavailable

Arguments = ParamSpec("Arguments")
T = TypeVar("T")

#: How many calls may run at a time; further ones wait. Each can hang until the store's own timeouts end it.
THREADS = 16

#: The longest time that a request waits for a call, in seconds, and when its client may retry.
TIMEOUT_S, RETRY_AFTER_S = 20.0, 10


class StoreThreads:
    """A thread pool of its own for the calls of one part, with a size and a timeout.

    A call that is over its timeout cannot be stopped: it keeps its thread, and no request waits for it any more.
    """

    def __init__(self, threads: int = THREADS, timeout_s: float = TIMEOUT_S) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._timeout_s = timeout_s

    async def run(self, call: Callable[Arguments, T], *args: Arguments.args, **options: Arguments.kwargs) -> T:
        """Run *call* in one of the threads, and return its result.

        Raises:
            Unavailable: It has not returned in time.
        """
        future = self._submit(call, *args, **options)
        try:
            return await asyncio.wait_for(future, self._timeout_s)
        except TimeoutError as error:
            raise Unavailable(
                f"The checkpoint store has not answered within {self._timeout_s:g} seconds.",
                retry_after_s=RETRY_AFTER_S,
            ) from error

    async def run_long(self, call: Callable[Arguments, T], *args: Arguments.args, **options: Arguments.kwargs) -> T:
        """Run a call that may take long, such as the copy of an upload; the request's deadline limits it."""
        return await self._submit(call, *args, **options)

    async def iterate(self, pieces: Iterator[T]) -> AsyncIterator[T]:
        """Yield the *pieces*; each is made in one of the threads."""
        while (piece := await self.run_long(next, pieces, None)) is not None:
            yield piece

    def _submit(
        self, call: Callable[Arguments, T], *args: Arguments.args, **options: Arguments.kwargs
    ) -> asyncio.Future[T]:
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._executor, lambda: context.run(call, *args, **options))

    def close(self) -> None:
        """Start no further calls; do not wait for calls that hang."""
        self._executor.shutdown(wait=False, cancel_futures=True)
