"""The trainers that run: each sends a heartbeat now and then."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from service.domain.cluster import ClusterSize
from service.store.database import Database
from service.store.tables import TrainerRow

#: How often a trainer sends a heartbeat, and after how long without one it counts as gone and is deleted, in seconds.
HEARTBEAT_S, ALIVE_S, FORGET_S = 10.0, 30.0, 3600.0


class TrainerStore:
    """The heartbeats of trainers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def heartbeat(self, trainer_id: str, *, workers: int, cluster: ClusterSize | None = None) -> None:
        """Store a trainer's heartbeat, and delete trainers that have sent none for long.

        Args:
            trainer_id: The trainer.
            workers: The number of its workers.
            cluster: The size of the cluster that runs them; None if they run on the trainer's machine.
        """
        now = datetime.now(UTC)
        size = asdict(cluster) if cluster else None
        with self._database.write() as session:
            session.merge(TrainerRow(id=trainer_id, workers=workers, seen_at=now, cluster=size))
            session.execute(delete(TrainerRow).where(TrainerRow.seen_at < now - timedelta(seconds=FORGET_S)))

    def remove(self, trainer_id: str) -> None:
        """Remove a trainer that ends."""
        with self._database.write() as session:
            session.execute(delete(TrainerRow).where(TrainerRow.id == trainer_id))


def count_alive(session: Session, now: datetime) -> int:
    """Return the number of trainers with a recent heartbeat."""
    return session.scalar(select(func.count()).where(_is_alive(now))) or 0


def newest_cluster(session: Session, now: datetime) -> ClusterSize | None:
    """Return the size of the cluster in the newest heartbeat that has one; None if no trainer uses a cluster."""
    has_cluster = TrainerRow.cluster.is_not(None) & _is_alive(now)
    newest = select(TrainerRow.cluster).where(has_cluster).order_by(TrainerRow.seen_at.desc()).limit(1)
    size = session.scalar(newest)
    return ClusterSize(**size) if size else None


def _is_alive(now: datetime) -> ColumnElement[bool]:
    return TrainerRow.seen_at >= now - timedelta(seconds=ALIVE_S)
