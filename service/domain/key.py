"""API keys and callers. The service stores the digest of a key, never its text."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from service.domain.ids import new_id
from service.domain.quotas import UNLIMITED, Allowance
from service.errors import InvalidInput

#: Random bytes of a key: too many to guess, so one round of SHA-256 is enough for the digest.
SECRET_BYTES = 32

#: The prefix of every key's id, and so of every key.
PREFIX = "key"


class Scope(StrEnum):
    """What a caller may do with a key."""

    READ = "read"  # read jobs, histories, checkpoints and models
    PREDICT = "predict"  # request predictions
    TRAIN = "train"  # start jobs, and change its own
    ADMIN = "admin"  # everything: the jobs of all keys, and the aliases of models


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, kw_only=True)
class Creator:
    """The API key that created a job."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The caller of a request: an API key, or anonymous if the service requires none.

    Attributes:
        id: The id of the key; None for the anonymous caller.
        scopes: What the caller may do.
    """

    id: str | None
    name: str
    scopes: frozenset[Scope]

    def may(self, *any_of: Scope) -> bool:
        """Return whether the caller has one of these scopes; `admin` includes all of them."""
        return Scope.ADMIN in self.scopes or not self.scopes.isdisjoint(any_of)

    def owns(self, creator_id: str | None) -> bool:
        """Return whether the caller may change what that key created: its own, or everything with `admin`."""
        return Scope.ADMIN in self.scopes or (creator_id is not None and creator_id == self.id)


#: The caller of every request to a service that requires no keys.
ANONYMOUS = Caller(id=None, name="anonymous", scopes=ALL_SCOPES)


@dataclass(frozen=True, kw_only=True)
class Key:
    """An API key, without its text.

    Attributes:
        id: Public. The key's text begins with it, so that the key can be found.
        digest: The SHA-256 of the text, in hexadecimal.
        allowance: Its weight in the queue and its daily quotas.
        last_used_at: Accurate to about a minute; None before the first use.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    allowance: Allowance = UNLIMITED

    @classmethod
    def new(
        cls,
        name: str,
        scopes: Collection[Scope],
        *,
        expires_at: datetime | None = None,
        allowance: Allowance = UNLIMITED,
    ) -> tuple["Key", str]:
        """Create a key; return it with its text, which cannot be recovered later.

        Raises:
            InvalidInput: The name is empty, or has characters that cannot be printed: it goes into logs and lists.
        """
        if not name.strip() or not name.isprintable():
            raise InvalidInput(f"The name of a key must have letters, and no control characters such as in {name!r}.")
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
            allowance=allowance,
        )
        return key, text

    def fits(self, text: str) -> bool:
        """Return whether *text* is the text of this key, in constant time."""
        return hmac.compare_digest(self.digest, digest_of(text))

    def holds(self, now: datetime) -> bool:
        """Return whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def caller(self) -> Caller:
        """The caller that this key identifies."""
        return Caller(id=self.id, name=self.name, scopes=self.scopes)


#: The length of the id at the start of a key's text.
ID_LENGTH = len(new_id(PREFIX))


def looks_like_one(text: str) -> bool:
    """Return whether a text has the form of a key."""
    return len(text) > ID_LENGTH and text.startswith(f"{PREFIX}_")


def digest_of(text: str) -> str:
    """Return the digest that the service stores for a key's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
