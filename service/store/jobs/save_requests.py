"""Requests for a running job's weights: made by the API, answered by the job's worker."""

from service.domain.checkpoint import Checkpoint
from service.domain.ids import new_id
from service.domain.job import Status
from service.errors import InvalidTransition, NotFound
from service.store.database import Database
from service.store.jobs.rows import existing
from service.store.models.checkpoints import checkpoint_value
from service.store.tables import CheckpointRow, SaveRequestRow


class SaveStore:
    """Asks for weights, and looks for the answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request_save(self, job_id: str) -> str:
        """Ask a running job's worker to save its weights; the request's id is what `saved` is asked with.

        Raises:
            InvalidTransition: No worker trains it.
        """
        with self._database.write() as session:
            row = existing(session, job_id, lock=True)
            if row.status != Status.RUNNING:
                raise InvalidTransition(f"A job that is {row.status} has no weights to save.")
            request = SaveRequestRow(id=new_id("save"), job_id=job_id)
            session.add(request)
            return request.id

    def saved(self, request_id: str) -> Checkpoint | None:
        """The checkpoint that answers a request; None while it is awaited.

        Raises:
            NotFound: The job was deleted meanwhile.
        """
        with self._database.read() as session:
            request = session.get(SaveRequestRow, request_id)
            if request is None:
                raise NotFound("request", request_id)
            row = session.get(CheckpointRow, request.checkpoint_id) if request.checkpoint_id else None
            return checkpoint_value(row) if row else None
