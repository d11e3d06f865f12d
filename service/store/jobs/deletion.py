"""Deletes the log of a finished job in pieces, where the disk has too little space for a single transaction."""

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.domain.job import TERMINAL, Status
from service.errors import InvalidTransition
from service.store.database import Database
from service.store.jobs.rows import existing
from service.store.tables import EpochRow, EventRow, ExperimentRow, JobRow, LossRow

#: The columns that order a job's rows in the tables of its log. Events come first: they refer to the other rows.
LOG = (EventRow.number, LossRow.last_step, EpochRow.epoch)

#: The rows of a piece. If each is on a page of its own, SQLite writes 2 MB: half of the reserve.
PIECE_ROWS = 500


def finished_row(session: Session, job_id: str) -> JobRow:
    """Return the locked row of a job that can be deleted.

    Raises:
        InvalidTransition: The job has not finished.
    """
    row = existing(session, job_id, lock=True)
    if Status(row.status) not in TERMINAL:
        raise InvalidTransition(f"A job that is {row.status} cannot be deleted; cancel it first.")
    return row


def forget_empty_experiment(session: Session, experiment_id: str | None) -> None:
    """Delete an experiment whose last job was deleted: nothing of it is left to show."""
    if experiment_id is None:
        return
    session.flush()
    if session.scalar(select(JobRow.id).where(JobRow.experiment_id == experiment_id).limit(1)) is None:
        session.execute(delete(ExperimentRow).where(ExperimentRow.id == experiment_id))


def shorten_log(database: Database, job_id: str) -> None:
    """Delete the job's log if the disk is nearly full; if this is interrupted, the job stays with a shorter log.

    Raises:
        InvalidTransition: The job has not finished.
    """
    for key in LOG:
        while database.reserve.is_nearly_needed() and _delete_piece(database, job_id, key):
            database.truncate_log()


def _delete_piece(database: Database, job_id: str, key: InstrumentedAttribute[int]) -> bool:
    """Delete the last rows of a table, so that the others stay without a gap; return whether there were any."""
    table = key.class_
    with database.write_when_full() as session:
        finished_row(session, job_id)
        last = session.scalars(select(key).where(table.job_id == job_id).order_by(key.desc()).limit(PIECE_ROWS)).all()
        session.execute(delete(table).where(table.job_id == job_id, key.in_(last)))
        return bool(last)
