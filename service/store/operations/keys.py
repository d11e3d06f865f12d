"""The rows of API keys. They hold no key's text, and are never deleted, so that jobs can name their creator."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.key import Key, Scope
from service.domain.quotas import UNLIMITED, Allowance, Usage
from service.errors import NotFound
from service.store.database import Database
from service.store.operations.usage import used_today
from service.store.tables import KeyRow


class KeyStore:
    """API keys, as they are created, checked and revoked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        *,
        expires_at: datetime | None = None,
        allowance: Allowance = UNLIMITED,
    ) -> tuple[Key, str]:
        """Create a key; return it with its text, which is stored nowhere."""
        key, text = Key.new(name, scopes, expires_at=expires_at, allowance=allowance)
        with self._database.write() as session:
            plain = {field: getattr(key, field) for field in _PLAIN}
            session.add(KeyRow(**plain, **asdict(allowance), scopes=" ".join(sorted(key.scopes))))
        return key, text

    def all(self) -> list[Key]:
        """Return all keys, revoked and expired ones too, newest first."""
        with self._database.read() as session:
            return [_value(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.id.desc()))]

    def used_today(self) -> dict[str, Usage]:
        """Return what each key has used today; keys that have used nothing are left out."""
        with self._database.read() as session:
            return used_today(session, datetime.now(UTC))

    def allowance(self, key_id: str) -> tuple[Allowance, Usage]:
        """Return what a key may use, and what it has used today.

        Raises:
            NotFound: There is no such key.
        """
        with self._database.read() as session:
            row = session.get(KeyRow, key_id)
            if row is None:
                raise NotFound("key", key_id)
            return allowance_of(row), used_today(session, datetime.now(UTC), key_id=key_id).get(key_id, Usage())

    def allow(self, named: str, changes: Mapping[str, float | None]) -> list[Key]:
        """Change these fields of the `Allowance` of the key with this id, or of all keys with this name.

        Raises:
            NotFound: There is no such key.
        """
        with self._database.write() as session:
            rows = _named(session, named)
            for row in rows:
                for field, value in changes.items():
                    setattr(row, field, value)
            return [_value(row) for row in rows]

    def revoke(self, named: str) -> list[Key]:
        """Revoke the key with this id, or all keys with this name. Idempotent.

        Raises:
            NotFound: There is no such key.
        """
        with self._database.write() as session:
            rows = _named(session, named)
            for row in rows:
                row.revoked_at = row.revoked_at or datetime.now(UTC)
            return [_value(row) for row in rows]

    def record_use(self, used: Mapping[str, datetime]) -> None:
        """Store when each of these keys was last used."""
        with self._database.write() as session:
            rows = select(KeyRow).where(KeyRow.id.in_(used)).order_by(KeyRow.id).with_for_update()
            for row in session.scalars(rows):
                row.last_used_at = max(used[row.id], row.last_used_at or used[row.id])


def allowance_of(row: KeyRow) -> Allowance:
    """Return what a key may use."""
    return Allowance(**{field.name: getattr(row, field.name) for field in fields(Allowance)})


_PLAIN = ("id", "name", "digest", "created_at", "expires_at", "last_used_at", "revoked_at")


def _value(row: KeyRow) -> Key:
    plain = {field: getattr(row, field) for field in _PLAIN}
    return Key(**plain, scopes=frozenset(map(Scope, row.scopes.split())), allowance=allowance_of(row))


def _named(session: Session, named: str) -> list[KeyRow]:
    rows = list(session.scalars(select(KeyRow).where((KeyRow.id == named) | (KeyRow.name == named))))
    if not rows:
        raise NotFound("key", named)
    return rows
