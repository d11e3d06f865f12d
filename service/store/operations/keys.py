"""The rows of API keys. They hold no key's text, and are never deleted, so that jobs can name their creator."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import select

from service.domain.key import Key, Scope
from service.errors import NotFound
from service.store.database import Database
from service.store.tables import KeyRow


class KeyStore:
    """API keys, as they are created, checked and revoked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: Collection[Scope], *, expires_at: datetime | None = None) -> tuple[Key, str]:
        """Create a key; return it with its text, which is stored nowhere."""
        key, text = Key.new(name, scopes, expires_at=expires_at)
        with self._database.write() as session:
            fields = {field: getattr(key, field) for field in _PLAIN}
            session.add(KeyRow(**fields, scopes=" ".join(sorted(key.scopes))))
        return key, text

    def all(self) -> list[Key]:
        """Return all keys, revoked and expired ones too, newest first."""
        with self._database.read() as session:
            return [_value(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.id.desc()))]

    def revoke(self, named: str) -> list[Key]:
        """Revoke the key with this id, or all keys with this name. Idempotent.

        Raises:
            NotFound: There is no such key.
        """
        with self._database.write() as session:
            rows = list(session.scalars(select(KeyRow).where((KeyRow.id == named) | (KeyRow.name == named))))
            if not rows:
                raise NotFound("key", named)
            for row in rows:
                row.revoked_at = row.revoked_at or datetime.now(UTC)
            return [_value(row) for row in rows]

    def record_use(self, used: Mapping[str, datetime]) -> None:
        """Store when each of these keys was last used."""
        with self._database.write() as session:
            rows = select(KeyRow).where(KeyRow.id.in_(used)).order_by(KeyRow.id).with_for_update()
            for row in session.scalars(rows):
                row.last_used_at = max(used[row.id], row.last_used_at or used[row.id])


_PLAIN = ("id", "name", "digest", "created_at", "expires_at", "last_used_at", "revoked_at")


def _value(row: KeyRow) -> Key:
    fields = {field: getattr(row, field) for field in _PLAIN}
    return Key(**fields, scopes=frozenset(map(Scope, row.scopes.split())))
