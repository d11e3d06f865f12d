"""The keys as this process knows them: looked up in memory, read again every moment, their last use written rarely."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool

from service.domain.key import ID_LENGTH, Caller, Key, looks_like_one
from service.errors import Unauthenticated
from service.settings import Settings
from service.store import KeyStore

logger = logging.getLogger(__name__)

#: How often the last use of keys is written down, and how often at most an unknown one is looked for, in seconds.
NOTE_S, LOOK_S = 60.0, 0.2

Headers = Iterable[tuple[bytes, bytes]]


class ApiKeys:
    """Tells who asks.

    Args:
        keys: Where keys are kept.
        settings: Whether keys are asked for, and how soon a change is seen.
    """

    def __init__(self, keys: KeyStore, settings: Settings) -> None:
        self._store, self._refresh_s = keys, settings.key_refresh_s
        self._asks = settings.auth == "on" or (settings.auth == "auto" and not settings.is_local)
        self._may_ask = settings.auth != "off"
        self._known: dict[str, Key] = {}
        self._used: dict[str, float] = {}
        self._looked_at, self._noted_at = 0.0, time.monotonic()
        self._looking = asyncio.Lock()

    @property
    def asks(self) -> bool:
        """Whether a key is asked for."""
        return self._asks

    async def caller(self, headers: Headers) -> Caller:
        """Whoever sent these headers, where a key is asked for.

        Raises:
            Unauthenticated: None was shown that holds.
        """
        text = shown(headers)
        if text is None:
            raise Unauthenticated("This takes a key: Authorization: Bearer KEY, or X-API-Key: KEY.")
        if text[:ID_LENGTH] not in self._known and looks_like_one(text):
            await self._look_again()
        key, now = self._known.get(text[:ID_LENGTH]), time.time()
        if key is None or not key.fits(text) or not key.holds(datetime.fromtimestamp(now, UTC)):
            raise Unauthenticated("The key is none of this service's, or it was revoked or has expired.")
        self._used[key.id] = now
        return key.caller

    @asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """While inside, keys that are made and revoked elsewhere are noticed; no key is looked up before."""
        await self._look()
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            with contextlib.suppress(Exception):  # a database that is away: when keys were used is lost, no more
                await self._note()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_s)
            try:
                await self._look()
                if time.monotonic() - self._noted_at >= NOTE_S:
                    await self._note()
            except Exception:  # the database may be away for a while; what is known goes on counting
                logger.exception("the keys could not be looked up")

    async def _look_again(self) -> None:
        """Look for a key that was made a moment ago; however many guess, the database hears of few."""
        asked_at = time.monotonic()
        async with self._looking:
            if self._looked_at < asked_at:
                await asyncio.sleep(self._looked_at + LOOK_S - asked_at)
                await self._look()

    async def _look(self) -> None:
        if not self._may_ask:
            return
        self._looked_at = time.monotonic()
        keys = await run_in_threadpool(self._store.all)
        self._known = {key.id: key for key in keys}  # those that hold no more too: they need not be looked for
        self._asks = self._asks or bool(keys)  # also where all were revoked: nothing falls open

    async def _note(self) -> None:
        used, self._used, self._noted_at = self._used, {}, time.monotonic()
        if used:
            await run_in_threadpool(
                self._store.note_use, {key: datetime.fromtimestamp(at, UTC) for key, at in used.items()}
            )


def shown(headers: Headers) -> str | None:
    """The key that a request shows; None where it shows none."""
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].strip().decode("latin-1")
        if name == b"x-api-key":
            return value.strip().decode("latin-1")
    return None
