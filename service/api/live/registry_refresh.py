"""Keeps the loaded models of all API processes up to date when a request changes an alias or a version."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.api.background import periodically
from service.api.siblings import Siblings
from service.api.store_threads import StoreThreads
from service.inference.answers.registry import Registry
from service.store.retry import retry_while_unavailable

#: How often a process looks for changes of its siblings, in seconds, and how often a change looks for them: one of them
#: may be starting.
LOOK_S, LOOKS = 0.02, 100


class RegistryRefresh:
    """Refreshes the loaded models: now and then, after a change here, and after a change in a sibling process."""

    def __init__(self, registry: Registry, store_threads: StoreThreads, siblings: Siblings) -> None:
        self._registry, self._store_threads, self._siblings = registry, store_threads, siblings

    @asynccontextmanager
    async def running(self, *, every_s: float) -> AsyncIterator[None]:
        """Load the models; while inside, refresh them each *every_s* seconds, and after a sibling's change."""
        await self._store_threads.run_long(retry_while_unavailable(self._registry.refresh))
        on_error = "the loaded models could not be refreshed"
        async with periodically(self._refresh, every_s=every_s, on_error=on_error):
            if self._siblings.count == 1:
                yield
                return
            async with periodically(self._follow, every_s=LOOK_S, on_error=on_error):
                yield

    async def after_change(self) -> None:
        """Refresh the models after this process has changed one, and wait until its siblings have done so, too.

        A client that moves an alias can send its next request to any of them. The change is counted first: what a
        sibling changes during the refresh counts as unseen here.
        """
        changes = self._siblings.add_change()
        await self._store_threads.run(self._registry.refresh)
        self._siblings.seen = max(changes, self._siblings.seen)
        for _ in range(LOOKS):
            if self._siblings.have_all_seen(changes):
                return
            await asyncio.sleep(LOOK_S)

    async def _refresh(self) -> None:
        changes = self._siblings.changes
        await self._store_threads.run_long(self._registry.refresh)
        self._siblings.seen = max(changes, self._siblings.seen)

    async def _follow(self) -> None:
        if self._siblings.changes > self._siblings.seen:
            await self._refresh()
