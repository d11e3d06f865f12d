"""Checks whether the database and the checkpoint store answer, in a bounded time."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

OK = "ok"

#: The part that may be full while the service is ready: predictions and deletes work, and jobs wait.
DISK = "disk"

#: How long a part may take to answer before it counts as unavailable, in seconds.
PATIENCE_S = 1.5


class Readiness:
    """Pings parts of the service, each in a thread of its own: one that hangs delays neither the others nor the answer.

    Args:
        pings: By the name of the part, a function that raises an error if the part is unavailable.
    """

    def __init__(self, pings: Mapping[str, Callable[[], None]]) -> None:
        self._pings = pings
        self._executor = ThreadPoolExecutor(len(pings), thread_name_prefix="readiness")
        self._pending: dict[str, asyncio.Future[str]] = {}

    async def check(self) -> dict[str, str]:
        """Return the state of each part: ``ok``, or what is wrong with it."""
        return dict(zip(self._pings, await asyncio.gather(*map(self._state, self._pings)), strict=True))

    def close(self) -> None:
        """Start no further pings; do not wait for one that hangs."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _state(self, name: str) -> str:
        pending = self._pending.get(name)
        if pending is None or pending.done():
            pending = asyncio.get_running_loop().run_in_executor(self._executor, _ping, self._pings[name])
            self._pending[name] = pending  # requests share it, so a part that hangs keeps one thread
        done, _ = await asyncio.wait({pending}, timeout=PATIENCE_S)
        return pending.result() if done else f"no answer within {PATIENCE_S:g} seconds"


def all_ready(states: Mapping[str, str]) -> bool:
    """Return whether all parts answer; the disk may be full."""
    return all(state == OK for name, state in states.items() if name != DISK)


def _ping(ping: Callable[[], None]) -> str:
    try:
        ping()
    except Exception as error:  # noqa: BLE001  # any error means that this part does not work
        return f"{type(error).__name__}: {error}"
    return OK
