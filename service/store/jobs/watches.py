"""Who asks a running job's weights: its worker shows them only while somebody does."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from service.domain.ids import new_id
from service.store.database import Database
from service.store.jobs.rows import existing
from service.store.tables import WatchRow

#: How long a watch lasts after the last question, in seconds; in its first half it is not written anew.
WATCH_S = 10.0


class WatchStore:
    """Watches on running jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def watch(self, job_id: str) -> str:
        """Begin to watch a job, or go on; the watch's token, which a new watch does not share with an ended one.

        Raises:
            NotFound: There is no such job.
        """
        now = datetime.now(UTC)
        with self._database.read() as session:
            row = session.get(WatchRow, job_id)
            if row and row.until > now + timedelta(seconds=WATCH_S / 2):
                return row.token
        with self._database.write() as session:
            existing(session, job_id, lock=True)
            row = session.get(WatchRow, job_id)
            if row is None:
                row = WatchRow(job_id=job_id, token="", until=now)
                session.add(row)
            if row.until <= now:
                row.token = new_id("watch")
            row.until = now + timedelta(seconds=WATCH_S)
            return row.token

    def token(self, job_id: str) -> str | None:
        """The token of the watch on a job; None where nobody watches it."""
        watched = select(WatchRow.token).where(WatchRow.job_id == job_id, WatchRow.until > datetime.now(UTC))
        return next(iter(self._database.scalars(watched)), None)
