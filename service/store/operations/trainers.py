"""Which trainers there are: each says so now and then, wherever it runs."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.store.database import Database
from service.store.tables import TrainerRow

#: How often a trainer shows itself, after how long it counts no more, and after how long it is forgotten, in seconds.
HEARTBEAT_S, ALIVE_S, FORGET_S = 10.0, 30.0, 3600.0


class TrainerStore:
    """Trainers, as they show themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heartbeat(self, trainer_id: str, *, workers: int) -> None:
        """Say that a trainer runs, with so many *workers*; those that are long silent are forgotten."""
        now = datetime.now(UTC)
        with self._database.write() as session:
            session.merge(TrainerRow(id=trainer_id, workers=workers, seen_at=now))
            session.execute(delete(TrainerRow).where(TrainerRow.seen_at < now - timedelta(seconds=FORGET_S)))

    def remove(self, trainer_id: str) -> None:
        """Say that a trainer ends."""
        with self._database.write() as session:
            session.execute(delete(TrainerRow).where(TrainerRow.id == trainer_id))


def count_alive(session: Session, now: datetime) -> int:
    """How many trainers run."""
    lately = TrainerRow.seen_at >= now - timedelta(seconds=ALIVE_S)
    return session.scalar(select(func.count()).where(lately)) or 0
