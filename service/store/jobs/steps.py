"""What happened in each of a job's first steps, for jobs that record it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import NotFound
from service.store.database import Database
from service.store.jobs.rows import existing
from service.store.tables import StepRow

Json = dict[str, Any]


class StepStore:
    """Reads recorded steps; `WorkerStore.record` adds them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def numbers(self, job_id: str) -> list[int]:
        """Return the numbers of the recorded steps, in order.

        Raises:
            NotFound: There is no job with this id.
        """
        with self._database.read() as session:
            existing(session, job_id)
            query = select(StepRow.step).where(StepRow.job_id == job_id).order_by(StepRow.step)
            return list(session.scalars(query))

    def get(self, job_id: str, step: int) -> Json:
        """Return a recorded step.

        Raises:
            NotFound: There is no job with this id, or it has not recorded the step.
        """
        with self._database.read() as session:
            existing(session, job_id)
            row = session.get(StepRow, (job_id, step))
            if row is None:
                raise NotFound("recorded step", str(step))
            return row.data


def append_steps(session: Session, job_id: str, steps: Sequence[Mapping[str, Any]]) -> None:
    """Add the steps that are not there yet: an attempt that is repeated records equal ones."""
    for step in steps:
        if session.get(StepRow, (job_id, step["step"])) is None:
            session.add(StepRow(job_id=job_id, step=step["step"], data=dict(step)))
