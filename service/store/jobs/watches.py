"""Watches: while a client predicts with a running job, its worker publishes snapshots of the live weights."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, select

from service.domain.ids import new_id
from service.store.database import Database
from service.store.jobs.rows import existing
from service.store.tables import WatchRow

#: How long a watch lasts after the last request, in seconds; it is renewed only in its second half.
WATCH_S = 10.0

# Built once: each worker asks four times a second
_TOKEN = select(WatchRow.token).where(WatchRow.job_id == bindparam("job_id"), WatchRow.until > bindparam("now"))


class WatchStore:
    """Watches on running jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def watch(self, job_id: str) -> str:
        """Start or renew the watch on a job; return its token. A watch that has expired gets a new token.

        Raises:
            NotFound: There is no job with this id.
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
        """Return the token of the watch on a job; None if there is no watch."""
        return next(iter(self._database.scalars(_TOKEN, {"job_id": job_id, "now": datetime.now(UTC)})), None)
