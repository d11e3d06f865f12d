"""Idempotency keys: a repeated request with the same key creates nothing, and gets what the first one created.

Jobs keep the key in their own rows; everything else shares one table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import delete
from sqlalchemy.orm import Session

from service.errors import IdempotencyConflict
from service.store.database import advisory_lock
from service.store.tables import IdempotencyRow

Created = TypeVar("Created")

#: How long the keys of other requests than jobs are remembered: far longer than any client retries.
REMEMBERED_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """The value of an ``Idempotency-Key`` header, and the digest of the request body."""

    key: str
    digest: str

    def check(self, digest: str | None) -> None:
        """Compare the request with the *digest* of the first one with this key.

        Raises:
            IdempotencyConflict: The first request had another body.
        """
        if digest != self.digest:
            raise IdempotencyConflict(f"The idempotency key {self.key!r} was used before, with another body.")


def created_before(
    session: Session, key: IdempotencyKey | None, find: Callable[[str], Created | None]
) -> Created | None:
    """Return the row that the first request with *key* created; None if this one is the first, or has no key.

    A request with the same key at the same time waits until the caller's transaction ends, which has to `remember` the
    id that it creates.

    Args:
        session: The caller's transaction.
        key: The key.
        find: Returns the row with an id.

    Raises:
        IdempotencyConflict: The first request had another body, or what it created was deleted.
    """
    if key is None:
        return None
    advisory_lock(session, "idempotency")
    row = session.get(IdempotencyRow, key.key)
    if row is None:
        return None
    key.check(row.digest)
    created = find(row.created_id)
    if created is None:
        raise IdempotencyConflict(f"What the idempotency key {key.key!r} created was deleted; send another key.")
    return created


def remember(session: Session, key: IdempotencyKey | None, created_id: str) -> None:
    """Store what the request with *key* created, and forget old keys."""
    if key is None:
        return
    now = datetime.now(UTC)
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - REMEMBERED_FOR))
    session.add(IdempotencyRow(key=key.key, digest=key.digest, created_id=created_id, created_at=now))
