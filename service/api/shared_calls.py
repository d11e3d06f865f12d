"""Concurrent requests for the same thing share one call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedCalls(Generic[T]):
    """Runs a coroutine function once for all concurrent callers with the same arguments.

    A caller that is cancelled does not stop the call for the others.
    """

    def __init__(self, call: Callable[..., Coroutine[Any, Any, T]]) -> None:
        self._call = call
        self._running: dict[tuple[Hashable, ...], asyncio.Task[T]] = {}

    async def __call__(self, *args: Hashable) -> T:
        """Call, or wait for the call that runs, and return its result or raise its exception."""
        if args not in self._running:
            self._running[args] = task = asyncio.create_task(self._call(*args))
            task.add_done_callback(lambda _: self._running.pop(args))
        return await asyncio.shield(self._running[args])
