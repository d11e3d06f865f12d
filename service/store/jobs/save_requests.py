"""Requests to save a running job's weights: made by the API, answered by the job's worker with a checkpoint."""

from service.domain.checkpoint import Checkpoint
from service.domain.ids import new_id
from service.domain.job import Status
from service.errors import InvalidTransition, NotFound
from service.store.database import Database
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.jobs.rows import existing
from service.store.models.checkpoints import checkpoint_value
from service.store.tables import CheckpointRow, SaveRequestRow


class SaveRequestStore:
    """Save requests, as the API makes and follows them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, job_id: str, key: IdempotencyKey | None = None) -> str:
        """Request a checkpoint of a running job; return the request's id. A repeated *key* makes no other request.

        Raises:
            NotFound: There is no job with this id.
            InvalidTransition: No worker trains the job.
        """
        with self._database.write() as session:
            if known := created_before(session, key, lambda request_id: session.get(SaveRequestRow, request_id)):
                return known.id
            row = existing(session, job_id, lock=True)
            if row.status != Status.RUNNING:
                raise InvalidTransition(f"A job that is {row.status} has no weights to save.")
            request = SaveRequestRow(id=new_id("save"), job_id=job_id)
            session.add(request)
            remember(session, key, request.id)
            return request.id

    def checkpoint(self, request_id: str) -> Checkpoint | None:
        """Return the checkpoint that answers a request; None until the worker has saved it.

        Raises:
            NotFound: The job was deleted meanwhile.
        """
        with self._database.read() as session:
            request = session.get(SaveRequestRow, request_id)
            if request is None:
                raise NotFound("request", request_id)
            row = session.get(CheckpointRow, request.checkpoint_id) if request.checkpoint_id else None
            return checkpoint_value(row) if row else None
