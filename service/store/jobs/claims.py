"""Claims on jobs, for trainers: acquired, watched, and taken back when their worker is lost.

A claim is a job and an attempt. The attempt is the fencing token: each claim raises it, and every write of a worker
first locks the job's row and compares (`rows.claimed_row`). A lease does not expire by the wall clock. The trainer
watches whether a claim's heartbeat *changes*, by its own monotonic clock: a clock that jumps neither takes a job from
its worker nor leaves it claimed for ever. A claim also names its processes: when they have all ended, a trainer on the
same host does not wait for the lease.
"""

import math
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.claims import Claim, Lease, ProcessName
from service.domain.job import LIVE, Failure, Status
from service.store.database import Database, advisory_lock
from service.store.jobs.claimants import add_process, processes_of
from service.store.jobs.queue import lock_next
from service.store.jobs.rows import fail_row, release_row, transition
from service.store.operations.counters import LOST, count_up
from service.store.tables import JobRow

#: The queries for the id of a queued job, and for the number of jobs that have a worker.
_OLDEST_ID = select(JobRow.id).where(JobRow.status == Status.QUEUED).order_by(JobRow.id).limit(1)
_RUNNING = select(func.count()).where(JobRow.status.in_(LIVE))


class ClaimStore:
    """Decides which attempt may train a job."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, *, max_running: int | None = None, process: ProcessName | None = None) -> Claim | None:
        """Claim the queued job that starts next.

        Args:
            max_running: The most jobs that may have a worker, of all trainers together; None for no limit.
            process: The trainer that claims.

        Returns:
            The claim; None if no job is queued, or the limit is reached.
        """
        scalars = self._database.scalars  # trainers poll: most calls find nothing, and must not take the write lock
        most = math.inf if max_running is None else max_running
        if not scalars(_OLDEST_ID) or scalars(_RUNNING)[0] >= most:
            return None
        with self._database.write() as session:
            advisory_lock(session, "claims")
            row = lock_next(session) if session.scalars(_RUNNING).one() < most else None
            if row is None:
                return None
            row.attempt += 1
            row.heartbeat_at = row.claimed_at = datetime.now(UTC)
            row.started_at = row.started_at or row.claimed_at
            row.claimed_by = None
            add_process(row, process)
            transition(session, row, Status.RUNNING)
            return Claim(job_id=row.id, attempt=row.attempt)

    def leases(self) -> dict[Claim, Lease]:
        """Return every claim in force, with its last heartbeat and its processes."""
        columns = select(JobRow.id, JobRow.attempt, JobRow.heartbeat_at, JobRow.claimed_by)
        with self._database.read() as session:
            return {
                Claim(job_id=job_id, attempt=attempt): Lease(heartbeat_at=at, processes=processes_of(by, attempt))
                for job_id, attempt, at, by in session.execute(columns.where(JobRow.status.in_(LIVE)))
            }

    def reclaim(
        self, claim: Claim, *, max_attempts: int, failure: Failure, last_heartbeat: datetime | None = None
    ) -> Status:
        """End the claim of a lost worker: the job is queued again, or fails once it has lost *max_attempts* workers.

        Only workers that were lost since the job's furthest checkpoint count: with progress, a job may lose any number.

        Args:
            claim: The claim to end; if it is not in force any more, nothing changes.
            max_attempts: How many workers a job may lose without progress.
            failure: Why this worker was lost.
            last_heartbeat: The newest heartbeat that the trainer saw. If the row has another, nothing changes.

        Returns:
            The job's status afterwards.
        """
        with self._database.write() as session:
            row = session.get(JobRow, claim.job_id, with_for_update=True)
            if row is None or row.attempt != claim.attempt or row.status not in LIVE:
                return Status(row.status) if row else Status.CANCELLED
            if last_heartbeat is None or row.heartbeat_at == last_heartbeat:
                _lose_worker(session, row, max_attempts=max_attempts, failure=failure)
            return Status(row.status)

    def release(self, claim: Claim, *, reason: Failure) -> Status:
        """End the claim of a worker that has ended because a store was unavailable; the job loses no attempt.

        Returns:
            The job's status afterwards.
        """
        with self._database.write_when_full() as session:
            row = session.get(JobRow, claim.job_id, with_for_update=True)
            if row is None or row.attempt != claim.attempt or row.status not in LIVE:
                return Status(row.status) if row else Status.CANCELLED
            release_row(session, row, reason=reason)
            return Status(row.status)

    def probe(self) -> None:
        """Check that other processes can connect and write.

        Raises:
            Unavailable: They cannot, so missing heartbeats do not mean that workers are lost.
        """
        self._database.probe()

    def are_waiting(self) -> bool:
        """Return whether a job is queued."""
        return bool(self._database.scalars(_OLDEST_ID))


def _lose_worker(session: Session, row: JobRow, *, max_attempts: int, failure: Failure) -> None:
    row.lost_workers += 1
    count_up(session, LOST, failure.code)
    if row.status != Status.CANCELLING and row.lost_workers >= max_attempts:
        fail_row(session, row, failure)
    elif row.status == Status.RUNNING:
        transition(session, row, Status.QUEUED, reason=failure)
    else:
        release_row(session, row)
