"""Authenticates requests by API keys that this process caches in memory and refreshes from the database."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool

from service.api.background import periodically
from service.domain.key import ID_LENGTH, Caller, Key, looks_like_one
from service.errors import Unauthenticated
from service.settings import Settings
from service.store import KeyStore
from service.store.retry import retry_while_unavailable

#: How often the last use of keys is written to the database, in seconds.
RECORD_USE_S = 60.0

#: The least time between two queries for unknown keys, in seconds: a client that guesses keys causes few queries.
UNKNOWN_KEY_S = 0.2

Headers = Iterable[tuple[bytes, bytes]]


class ApiKeys:
    """The API keys of the service, cached.

    Args:
        keys: The store of the keys.
        settings: Whether keys are required, and how often the cache is refreshed.
    """

    def __init__(self, keys: KeyStore, settings: Settings) -> None:
        self._store, self._refresh_s = keys, settings.key_refresh_s
        self._are_required = settings.auth == "on" or (settings.auth == "auto" and not settings.is_local)
        self._may_be_required = settings.auth != "off"
        self._cached: dict[str, Key] = {}
        self._used: dict[str, float] = {}
        self._refreshed_at, self._recorded_at = 0.0, time.monotonic()
        self._refreshing = asyncio.Lock()

    @property
    def are_required(self) -> bool:
        """Whether a request needs an API key."""
        return self._are_required

    async def caller(self, headers: Headers) -> Caller:
        """Return the caller whose API key is in these headers.

        Raises:
            Unauthenticated: There is no key in the headers, or it is unknown, revoked or expired.
        """
        text = sent_key(headers)
        if text is None:
            raise Unauthenticated("This route requires an API key: send Authorization: Bearer KEY, or X-API-Key: KEY.")
        if text[:ID_LENGTH] not in self._cached and looks_like_one(text):
            await self._refresh_for_unknown_key()
        key, now = self._cached.get(text[:ID_LENGTH]), time.time()
        if key is None or not key.fits(text) or not key.holds(datetime.fromtimestamp(now, UTC)):
            raise Unauthenticated(
                "The API key is unknown, revoked or expired; ask the service's operator for a new one."
            )
        self._used[key.id] = now
        return key.caller

    def knows(self, headers: Headers) -> bool:
        """Return whether the caller may read what is for API keys only, by the cached keys: no database is needed."""
        text = sent_key(headers) or ""
        key = self._cached.get(text[:ID_LENGTH])
        return not self._are_required or (key is not None and key.fits(text) and key.holds(datetime.now(UTC)))

    @asynccontextmanager
    async def refreshing(self) -> AsyncIterator[None]:
        """Load the keys, and while inside refresh them, so that keys made and revoked elsewhere take effect."""
        await retry_while_unavailable(self._refresh)()
        try:
            async with periodically(
                self._refresh_and_record, every_s=self._refresh_s, on_error="the API keys could not be refreshed"
            ):
                yield
        finally:
            with contextlib.suppress(Exception):  # without a database, only the times of last use are lost
                await self._record_use()

    async def _refresh_and_record(self) -> None:
        await self._refresh()
        if time.monotonic() - self._recorded_at >= RECORD_USE_S:
            await self._record_use()

    async def _refresh_for_unknown_key(self) -> None:
        """Refresh early: the key may be new. Concurrent requests share one query, at most every UNKNOWN_KEY_S."""
        asked_at = time.monotonic()
        async with self._refreshing:
            if self._refreshed_at < asked_at:
                await asyncio.sleep(self._refreshed_at + UNKNOWN_KEY_S - asked_at)
                await self._refresh()

    async def _refresh(self) -> None:
        if not self._may_be_required:
            return
        self._refreshed_at = time.monotonic()
        keys = await run_in_threadpool(self._store.all)
        self._cached = {key.id: key for key in keys}  # revoked and expired keys too: they need no query of their own
        self._are_required |= bool(
            keys
        )  # it stays true when all keys are revoked: revoking the last key must not open the service

    async def _record_use(self) -> None:
        used, self._used, self._recorded_at = self._used, {}, time.monotonic()
        if used:
            last_use = {key_id: datetime.fromtimestamp(at, UTC) for key_id, at in used.items()}
            await run_in_threadpool(self._store.record_use, last_use)


def sent_key(headers: Headers) -> str | None:
    """Return the API key in a request's headers; None if there is none."""
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].strip().decode("latin-1")
        if name == b"x-api-key":
            return value.strip().decode("latin-1")
    return None
