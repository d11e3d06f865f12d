"""The id that a database shares with its checkpoint store, so that neither is used with another by mistake."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.ids import new_id
from service.store.database import Database, advisory_lock
from service.store.datasets.datasets import dataset_file_ids
from service.store.tables import CheckpointRow, StoreIdentityRow

#: The only row of the table.
_OF = "checkpoints"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The database's half of the pair.

    Attributes:
        confirmed: Whether the store is known to carry the id too: from then on a store without it is another store.
    """

    id: str
    confirmed: bool


class IdentityStore:
    """The id of the checkpoint store, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Identity | None:
        """Return the identity; None before the first start with a trainer."""
        with self._database.read() as session:
            row = session.get(StoreIdentityRow, _OF)
            return Identity(id=row.id, confirmed=row.confirmed) if row else None

    def draw(self) -> Identity:
        """Draw the id if there is none yet, and return it; it is not confirmed. Two trainers get the same one."""
        with self._database.write() as session:
            advisory_lock(session, "store identity")
            row = session.get(StoreIdentityRow, _OF)
            if row is None:
                row = StoreIdentityRow(of=_OF, id=new_id("store"), confirmed=False)
                session.add(row)
            return Identity(id=row.id, confirmed=row.confirmed)

    def file_ids(self) -> set[str]:
        """Return the ids of all checkpoints, datasets and samples that have files in the store."""
        with self._database.read() as session:
            return file_ids(session)

    def confirm(self, identity: str) -> None:
        """Record that the store carries this id."""
        with self._database.write() as session:
            session.merge(StoreIdentityRow(of=_OF, id=identity, confirmed=True))


def file_ids(session: Session) -> set[str]:
    """Return the ids of all checkpoints, datasets and samples that have files; a file's name begins with its id."""
    return {*session.scalars(select(CheckpointRow.id)), *dataset_file_ids(session)}
