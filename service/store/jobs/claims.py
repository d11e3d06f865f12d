"""Claims on jobs: taken, kept by signs of life, released, lost. The trainer's side of a lease.

A claim is a job and an attempt. The attempt is the fencing token: each claim raises it, and every write of a worker
first locks the job's row and compares. A lease has no end by the wall clock: the trainer watches whether a claim's
heartbeat *changes*, by its own monotonic clock, so that a clock that jumps neither takes a job from a worker nor leaves
it one for ever.
"""

from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.claims import Claim, ClaimLost
from service.domain.job import LIVE, Failure, Status
from service.store.database import Database, advisory_lock
from service.store.jobs.rows import transition
from service.store.operations.counters import FAILED, LOST, count_up
from service.store.retry import retry_while_unavailable
from service.store.tables import JobRow

#: The job that has waited longest, and how many train.
_WAITING = select(JobRow).where(JobRow.status == Status.QUEUED).order_by(JobRow.id).limit(1)
_ID_WAITING = _WAITING.with_only_columns(JobRow.id)
_RUNNING = select(func.count()).where(JobRow.status.in_(LIVE))


class ClaimStore:
    """Who may train what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, *, max_running: int) -> Claim | None:
        """Take the job that has waited longest; None where none waits, or *max_running* train already."""
        scalars = self._database.scalars  # most looks find nothing to do: they take no write lock
        if not scalars(_ID_WAITING) or scalars(_RUNNING)[0] >= max_running:
            return None
        with self._database.write() as session:
            advisory_lock(session, "claims")
            oldest = _WAITING.with_for_update(skip_locked=True)
            row = session.scalar(oldest) if session.scalars(_RUNNING).one() < max_running else None
            if row is None:
                return None
            row.attempt += 1
            row.heartbeat_at = datetime.now(UTC)
            row.started_at = row.started_at or row.heartbeat_at
            transition(session, row, Status.RUNNING)
            return Claim(job_id=row.id, attempt=row.attempt)

    def heartbeats(self) -> dict[Claim, datetime | None]:
        """Every claim in force, with its last sign of life: to be compared with what it was, never with a clock."""
        live = select(JobRow.id, JobRow.attempt, JobRow.heartbeat_at).where(JobRow.status.in_(LIVE))
        with self._database.read() as session:
            return {Claim(job_id=job_id, attempt=attempt): at for job_id, attempt, at in session.execute(live)}

    def heartbeat(self, claim: Claim) -> None:
        """Say that the worker lives, also while a step or an evaluation takes long.

        Raises:
            ClaimLost: The job was given to another.
        """
        with self._database.write() as session:
            claimed_row(session, claim).heartbeat_at = datetime.now(UTC)

    @retry_while_unavailable
    def release(self, claim: Claim) -> None:
        """The worker goes, and has saved where it stands: it costs the job none of its attempts."""
        with self._database.write() as session:
            release_row(session, claimed_row(session, claim))

    def reclaim(
        self, claim: Claim, *, max_attempts: int, failure: Failure, last_heartbeat: datetime | None = None
    ) -> Status:
        """A worker is gone: what becomes of its job, for another attempt or, after as many losses, failed.

        Args:
            claim: The claim that ends.
            max_attempts: How many workers a job may lose.
            failure: Why this one was lost.
            last_heartbeat: The last sign of life; if there was one since, the worker lives, and nothing changes.
        """
        with self._database.write() as session:
            row = session.get(JobRow, claim.job_id, with_for_update=True)
            if row is None or row.attempt != claim.attempt or row.status not in LIVE:
                return Status(row.status) if row else Status.CANCELLED
            if last_heartbeat is None or row.heartbeat_at == last_heartbeat:
                _lose(session, row, max_attempts=max_attempts, failure=failure)
            return Status(row.status)

    def probe(self) -> None:
        """Take the write lock and let it go.

        Raises:
            Unavailable: Nobody can write: that workers are not heard says nothing of them.
        """
        with self._database.write() as session:
            session.connection()


def claimed_row(session: Session, claim: Claim, *, lock: bool = True) -> JobRow:
    """The row of the job that is held, locked unless it is only read.

    Raises:
        ClaimLost: The job is another's, has ended, or is gone.
    """
    row = session.get(JobRow, claim.job_id, with_for_update=True if lock else None)
    if row is None or row.attempt != claim.attempt or row.status not in LIVE:
        raise ClaimLost(f"The job {claim.job_id!r} is no longer attempt {claim.attempt}'s.")
    return row


def release_row(session: Session, row: JobRow) -> None:
    """Where a job stands whose worker has saved and goes: as it was asked to, and otherwise back in the queue."""
    after = {Status.CANCELLING: Status.CANCELLED, Status.PAUSING: Status.PAUSED}
    transition(session, row, after.get(Status(row.status), Status.QUEUED))


def fail(session: Session, row: JobRow, failure: Failure) -> None:
    """End a job by an error; one that was to be cancelled is."""
    if row.status == Status.CANCELLING:
        transition(session, row, Status.CANCELLED)
        return
    row.error = asdict(failure)
    count_up(session, FAILED, failure.code)
    transition(session, row, Status.FAILED, reason=failure)


def _lose(session: Session, row: JobRow, *, max_attempts: int, failure: Failure) -> None:
    row.lost_workers += 1
    count_up(session, LOST, failure.code)
    if row.status != Status.CANCELLING and row.lost_workers >= max_attempts:
        fail(session, row, failure)
    elif row.status == Status.RUNNING:
        transition(session, row, Status.QUEUED, reason=failure)
    else:
        release_row(session, row)
