"""The result of a job that succeeded, and the model version that it adds."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service.domain.checkpoint import Checkpoint
from service.domain.job import Result
from service.domain.model import DIGITS
from service.store.jobs.history import sets_of
from service.store.models.models import add_version
from service.store.tables import CheckpointRow, EpochRow


def publish_restored(session: Session, job_id: str, checkpoint: Checkpoint, *, stopped_epoch: int | None) -> Result:
    """Add the checkpoint that early stopping restored as a version of ``digits``; its epoch gives the result."""
    version = add_version(session, DIGITS, checkpoint.id)
    of_epoch = select(EpochRow).where(EpochRow.job_id == job_id, EpochRow.epoch == checkpoint.epoch)
    return _result(session.scalars(of_epoch).one(), checkpoint.id, version.version, stopped_epoch)


def publish_best(session: Session, job_id: str, *, stopped_epoch: int | None) -> Result:
    """Add the job's best checkpoint as a version of ``digits``; its last epoch and checkpoint give the result."""
    last_id = session.scalars(resumable(job_id).limit(1)).one().id  # a worker saves the last epoch before it succeeds
    version = add_version(session, DIGITS, _best_checkpoint(session, job_id) or last_id)
    last_epoch = select(EpochRow).where(EpochRow.job_id == job_id).order_by(EpochRow.epoch.desc()).limit(1)
    return _result(session.scalars(last_epoch).one(), last_id, version.version, stopped_epoch)


def resumable(job_id: str) -> Select[CheckpointRow]:
    """Return the query for a job's checkpoints that hold the whole training state, the last step first."""
    query = select(CheckpointRow).where(CheckpointRow.job_id == job_id, CheckpointRow.resumable)
    return query.order_by(CheckpointRow.step.desc(), CheckpointRow.id.desc())


def _best_checkpoint(session: Session, job_id: str) -> str | None:
    """Return the id of the checkpoint with the highest test accuracy, the newest of equals; None if none was tested."""
    rows = list(session.scalars(select(CheckpointRow).where(CheckpointRow.job_id == job_id)))
    scored = [row for row in rows if "test_accuracy" in row.metrics]
    return max(scored, key=lambda row: (row.metrics["test_accuracy"], row.id)).id if scored else None


def _result(point: EpochRow, checkpoint_id: str, model_version: int, stopped_epoch: int | None) -> Result:
    if point.test_loss is None or point.test_accuracy is None:
        raise ValueError(f"Epoch {point.epoch} has no test metrics, but the epoch of a result needs them.")
    return Result(
        train_loss=point.train_loss,
        train_accuracy=point.train_accuracy,
        validation_loss=point.validation_loss,
        validation_accuracy=point.validation_accuracy,
        test_loss=point.test_loss,
        test_accuracy=point.test_accuracy,
        checkpoint_id=checkpoint_id,
        model_version=model_version,
        stopped_epoch=stopped_epoch,
        sets=sets_of(point),
    )
