"""Models that several API processes keep loaded: each refreshes them after the change of another."""

import asyncio
import tempfile
from contextlib import closing
from typing import Any

from service.api.live.registry_refresh import RegistryRefresh
from service.api.siblings import Siblings
from service.api.store_threads import StoreThreads


class Registry:
    """Counts how often it is refreshed; a sibling changes an alias during the first refresh."""

    def __init__(self, sibling: Siblings) -> None:
        self.refreshed, self._sibling = 0, sibling

    def refresh(self) -> None:
        """Refresh nothing."""
        if not self.refreshed:
            self._sibling.add_change()
        self.refreshed += 1


def test_a_change_of_a_sibling_during_a_refresh_is_not_taken_as_seen() -> None:
    """This process may have read the alias before the sibling moved it, so the sibling waits for another refresh."""

    async def changed() -> bool:
        with closing(StoreThreads(1)) as threads:
            registry: Any = Registry(sibling)
            refresh = RegistryRefresh(registry, threads, own)
            sibling.seen = 2
            await refresh.after_change()
        return own.have_all_seen(2)

    with tempfile.TemporaryFile() as file:
        own, sibling = (Siblings(file.fileno(), count=2, index=index) for index in (0, 1))
        assert not asyncio.run(changed())
        assert own.changes == 2
