"""Deletes the checkpoints of a running job that its retention does not keep."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.domain.checkpoint import Checkpoint
from service.domain.claims import Claim
from service.domain.retention import Retention, dispensable
from service.store.database import Database
from service.store.jobs.rows import claimed_row
from service.store.models.checkpoints import checkpoint_value, lock_for_deletion
from service.store.retry import retry_while_unavailable
from service.store.tables import CheckpointRow, JobRow, SaveRequestRow, VersionRow


class RetentionStore:
    """Retention of a job's checkpoints, applied by its worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @retry_while_unavailable
    def apply(self, claim: Claim, retention: Retention, *, best_epoch: int | None) -> list[str]:
        """Delete the rows of the checkpoints that *retention* does not keep and nothing uses.

        These always stay: checkpoints of model versions and of save requests, checkpoints that other jobs start from,
        and the job's last resumable checkpoint.

        Args:
            claim: The claim on the job.
            retention: How many checkpoints are kept.
            best_epoch: The checkpoint at the end of this epoch stays too.

        Returns:
            The ids of the deleted checkpoints: the caller deletes their bytes.

        Raises:
            ClaimLost: The claim is not in force.
        """
        with self._database.write() as session:
            claimed_row(session, claim)
            lock_for_deletion(session, CheckpointRow.job_id == claim.job_id)
            checkpoints = _of_job(session, claim.job_id)
            unwanted = {each.id for each in dispensable(checkpoints, retention) if not _ends(each, best_epoch)}
            gone = sorted(unwanted - _used(session, unwanted))
            session.execute(delete(CheckpointRow).where(CheckpointRow.id.in_(gone)))
            return gone

    @retry_while_unavailable
    def epoch_end(self, job_id: str, epoch: int) -> Checkpoint | None:
        """Return the job's newest checkpoint at the end of *epoch*; None if there is none."""
        with self._database.read() as session:
            found = [each for each in _of_job(session, job_id) if _ends(each, epoch)]
        return max(found, key=lambda each: each.id, default=None)


def _of_job(session: Session, job_id: str) -> Sequence[Checkpoint]:
    rows = session.scalars(select(CheckpointRow).where(CheckpointRow.job_id == job_id))
    return [checkpoint_value(row) for row in rows]


def _ends(checkpoint: Checkpoint, epoch: int | None) -> bool:
    """Return whether the checkpoint was saved at the end of *epoch*: only there it has metrics."""
    return epoch is not None and checkpoint.epoch == epoch and bool(checkpoint.metrics)


def _used(session: Session, checkpoints: Collection[str]) -> set[str]:
    versions = select(VersionRow.checkpoint_id).where(VersionRow.checkpoint_id.in_(checkpoints))
    requests = select(SaveRequestRow.checkpoint_id).where(SaveRequestRow.checkpoint_id.in_(checkpoints))
    started_from = JobRow.config["init_from"].as_string()
    starts = select(started_from).where(started_from.in_(checkpoints))
    return {each for query in (versions, requests, starts) for each in session.scalars(query) if each}
