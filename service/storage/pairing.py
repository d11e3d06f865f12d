"""Whether a database and a checkpoint store belong together: both carry the same id.

The sweeper moves away what the database does not know. With an empty database, or with another service's, that would be
every checkpoint: so it first asks here.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from service.errors import CorruptCheckpoint
from service.storage.blobs import STORE_ID, BlobStore
from service.store.operations.identity import Identity, IdentityStore

#: What to do about a pair that does not fit.
REMEDY = (
    "Correct NAIVENET_DATABASE_URL or NAIVENET_STORAGE_URL, or restore the database that belongs to the store. "
    "If the two do belong together, run `naivenet adopt --yes`."
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the database and the store have.

    Attributes:
        recorded: The database's id.
        stored: The store's id.
        known: The checkpoints, datasets and samples in the database; only needed without both ids.
        names: The files in the store; likewise.
    """

    recorded: Identity | None
    stored: str | None
    known: AbstractSet[str] = frozenset()
    names: AbstractSet[str] = frozenset()


def mismatch(facts: Facts) -> str | None:
    """Return why the database and the store do not belong together, as a sentence; None if they do, or if both are new.

    Two without an id belong together if the database knows a file that is in the store, or if both are empty.
    """
    if facts.recorded and facts.stored:
        same = facts.recorded.id == facts.stored
        return None if same else f"The store belongs to another database: {facts.stored} is not {facts.recorded.id}."
    if facts.stored:
        return f"The store ({facts.stored}) belongs to a database, but not to this one, which has no id."
    if facts.recorded:
        missing = "The store does not carry the database's id ({}): it is another store, or its files are not there."
        return missing.format(facts.recorded.id) if facts.recorded.confirmed else None
    if facts.known:
        found = facts.known & owners(facts.names)
        return None if found else f"None of the database's {len(facts.known)} checkpoints and datasets is in the store."
    return "The store has files, but the database knows no checkpoint and no dataset." if facts.names else None


def owners(names: AbstractSet[str]) -> set[str]:
    """Return the ids of the checkpoints, datasets and samples that the files belong to."""
    return {name.partition(".")[0] for name in names}


class StorePairing:
    """Pairs a database with its checkpoint store."""

    def __init__(self, blobs: BlobStore, identities: IdentityStore) -> None:
        self._blobs, self._identities = blobs, identities

    def file_ids(self) -> set[str]:
        """Return the ids in the database of everything that has files in the store."""
        return self._identities.file_ids()

    def problem(self) -> str | None:
        """Return why the two do not belong together, as `mismatch` does."""
        return mismatch(self._facts())

    def establish(self) -> str | None:
        """Give both the same id if they have none and belong together; return the problem if they do not."""
        facts = self._facts()
        if problem := mismatch(facts):
            return problem
        if not (facts.recorded and facts.recorded.confirmed):
            self._pair(self._identities.draw().id)
        return None

    def adopt(self) -> tuple[int, int]:
        """Give both the same id, whatever they had; return how many of how many known ids have files in the store."""
        self._pair(self._identities.draw().id)
        known = self.file_ids()
        return len(known & owners(self._blobs.names())), len(known)

    def _pair(self, identity: str) -> None:
        """Write the id into the store, then confirm it: after a crash in between, the next start repeats both."""
        self._blobs.write(STORE_ID, identity.encode())
        self._identities.confirm(identity)

    def _facts(self) -> Facts:
        recorded, stored = self._identities.read(), self._stored()
        if recorded or stored:
            return Facts(recorded=recorded, stored=stored)
        return Facts(recorded=None, stored=None, known=self.file_ids(), names=self._blobs.names())

    def _stored(self) -> str | None:
        try:
            return self._blobs.read(STORE_ID).decode(errors="replace").strip()
        except CorruptCheckpoint:
            return None
