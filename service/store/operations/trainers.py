"""The trainers that run: each sends a heartbeat now and then."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.store.database import Database
from service.store.tables import TrainerRow

#: How often a trainer sends a heartbeat, and after how long without one it counts as gone and is deleted, in seconds.
HEARTBEAT_S, ALIVE_S, FORGET_S = 10.0, 30.0, 3600.0


class TrainerStore:
    """The heartbeats of trainers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heartbeat(self, trainer_id: str, *, workers: int) -> None:
        """Store a trainer's heartbeat and its number of *workers*; delete trainers that have sent none for long."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            session.merge(TrainerRow(id=trainer_id, workers=workers, seen_at=now))
            session.execute(delete(TrainerRow).where(TrainerRow.seen_at < now - timedelta(seconds=FORGET_S)))

    def remove(self, trainer_id: str) -> None:
        """Remove a trainer that ends."""
        with self._database.write() as session:
            session.execute(delete(TrainerRow).where(TrainerRow.id == trainer_id))


def count_alive(session: Session, now: datetime) -> int:
    """Return the number of trainers with a recent heartbeat."""
    lately = TrainerRow.seen_at >= now - timedelta(seconds=ALIVE_S)
    return session.scalar(select(func.count()).where(lately)) or 0
