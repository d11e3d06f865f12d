"""A key: who may ask, and for what. What a client shows is never kept, only its digest."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from service.domain.ids import new_id

#: Random bytes of a secret: guessing is hopeless, so one round of SHA-256 is all that its digest needs.
SECRET_BYTES = 32

#: How every id of a key, and so every key, begins.
PREFIX = "key"


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"  # look at jobs, histories, checkpoints, models
    PREDICT = "predict"  # have digits read
    TRAIN = "train"  # start jobs, and see to those that it started
    ADMIN = "admin"  # all of it, anybody's jobs, and what models answer with


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, kw_only=True)
class Creator:
    """The key that something was made with."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: a key, or anybody where none is asked for.

    Attributes:
        id: The key's; None of anybody.
        scopes: What they may do.
    """

    id: str | None
    name: str
    scopes: frozenset[Scope]

    def may(self, *any_of: Scope) -> bool:
        """Whether one of these scopes is theirs; `admin` is all of them."""
        return Scope.ADMIN in self.scopes or not self.scopes.isdisjoint(any_of)

    def owns(self, creator_id: str | None) -> bool:
        """Whether they may change what was made with that key: their own, or as `admin`."""
        return Scope.ADMIN in self.scopes or (creator_id is not None and creator_id == self.id)


#: Whoever asks a service that takes no keys.
ANONYMOUS = Caller(id=None, name="anybody", scopes=ALL_SCOPES)


@dataclass(frozen=True, kw_only=True)
class Key:
    """What is kept of a key.

    Attributes:
        id: Public; the key's text begins with it, which is how it is looked up.
        digest: SHA-256 of the text, in hexadecimal.
        last_used_at: To a minute or so; None before the first time.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @classmethod
    def new(cls, name: str, scopes: Collection[Scope], *, expires_at: datetime | None = None) -> tuple["Key", str]:
        """A fresh key, and its text, which nobody can tell again."""
        key_id = new_id(PREFIX)
        text = f"{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
        now = datetime.now(UTC)
        key = cls(
            id=key_id,
            name=name,
            scopes=frozenset(scopes),
            digest=digest_of(text),
            created_at=now,
            expires_at=expires_at,
        )
        return key, text

    def fits(self, text: str) -> bool:
        """Whether *text* is this key; it takes as long for a near miss as for any other."""
        return hmac.compare_digest(self.digest, digest_of(text))

    def holds(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def caller(self) -> Caller:
        """Whoever shows it."""
        return Caller(id=self.id, name=self.name, scopes=self.scopes)


#: How much of a key's text is its id.
ID_LENGTH = len(new_id(PREFIX))


def looks_like_one(text: str) -> bool:
    """Whether a text could be a key at all."""
    return len(text) > ID_LENGTH and text.startswith(f"{PREFIX}_")


def digest_of(text: str) -> str:
    """What is kept of a key's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
