"""Jobs as clients see them: queued, read, listed, changed, cancelled and deleted."""

from collections.abc import Callable

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.domain.config import JobConfig
from service.domain.forecast import Capacity
from service.domain.ids import new_id
from service.domain.job import LIVE, TERMINAL, Action, Job, Origin, Status, status_after
from service.domain.key import ANONYMOUS, Caller
from service.domain.listing import Listing
from service.domain.patch import JobPatch, with_hyperparameters, with_labels
from service.errors import InvalidTransition, QueueFull
from service.store.database import Database, advisory_lock
from service.store.idempotency import IdempotencyKey
from service.store.jobs.deletion import finished_row, forget_empty_experiment, shorten_log
from service.store.jobs.filters import SORT_KEYS, JobFilter, filtered
from service.store.jobs.places import Pace, places, read_pace
from service.store.jobs.queue import count_queued, forget_turns_if_idle
from service.store.jobs.queueing import label_rows, queue_job, use_quota
from service.store.jobs.rows import existing, job_value, transition
from service.store.models.checkpoints import lock_for_deletion, user_of
from service.store.pages import read_page
from service.store.tables import ChangeRow, CheckpointRow, JobRow, LabelRow


class JobStore:
    """Jobs, as the API creates, reads and changes them.

    Args:
        database: Holds them.
        capacity: How many jobs run at the same time; the places in the queue depend on it.
        max_queued_jobs: The most queued jobs.
        max_of_one_key: The most queued jobs of one API key; None for no limit of its own.
    """

    def __init__(
        self,
        database: Database,
        *,
        capacity: Capacity,
        max_queued_jobs: int,
        max_of_one_key: int | None = None,
    ) -> None:
        self._database, self._capacity = database, capacity
        self._max_queued_jobs, self._max_of_one_key = max_queued_jobs, max_of_one_key or max_queued_jobs

    def create(
        self,
        config: JobConfig,
        key: IdempotencyKey | None = None,
        *,
        parent_id: str | None = None,
        caller: Caller = ANONYMOUS,
        origin: Origin | None = None,
    ) -> Job:
        """Queue a job for *caller*. Idempotent: a repeated *key* with the same digest returns the first job.

        Raises:
            IdempotencyConflict: The key was used before, with another body.
            QueueFull: The queue is full, or the caller's share of it.
            QuotaExceeded: The caller has used up a quota of today.
            NotFound: The checkpoint in ``init_from``, or an uploaded dataset, does not exist.
        """
        with self._database.write() as session:
            advisory_lock(session, "queue")
            if key and (known := session.scalar(select(JobRow).where(JobRow.idempotency_key == key.key))):
                key.check(known.request_digest)
                return self._job(session, known)
            self._check_room(session, caller)
            use_quota(session, caller)
            forget_turns_if_idle(session)
            row = queue_job(session, config, key, parent_id=parent_id, caller=caller, origin=origin)
            return self._job(session, row, config)

    def get(self, job_id: str) -> Job:
        """Return the job.

        Raises:
            NotFound: There is no job with this id.
        """
        with self._database.read() as session:
            return self._job(session, existing(session, job_id))

    def page(self, job_filter: JobFilter, listing: Listing) -> tuple[list[Job], bool]:
        """Return a page of the jobs that match, and whether there are more.

        Raises:
            InvalidInput: The list is not sorted by time, and the job that its cursor names was deleted.
        """
        query, row_id = filtered(job_filter)
        with self._database.read() as session:
            rows, has_more = read_page(session, query, listing, row_id=row_id, keys=SORT_KEYS)
            found = places(session, rows, self._capacity)
            return [job_value(row, place=found.get(row.id)) for row in rows], has_more

    def ids(self, job_filter: JobFilter, *, limit: int) -> tuple[list[str], bool]:
        """Return the ids of up to *limit* of the newest jobs that match, and whether there are more."""
        query, row_id = filtered(job_filter)
        found = self._database.scalars(query.with_only_columns(row_id).order_by(row_id.desc()).limit(limit + 1))
        return list(found[:limit]), len(found) > limit

    def cancel(self, job_id: str) -> Job:
        """Cancel a job: at once if it has no worker, else its worker stops it."""
        return self.apply(job_id, "cancel")

    def apply(self, job_id: str, action: Action) -> Job:
        """Cancel, pause or resume a job. Idempotent: if the job already has the status, nothing changes.

        Raises:
            NotFound: There is no job with this id.
            InvalidTransition: The job's status does not allow the action.
        """
        with self._database.write_when_full() as session:
            row = existing(session, job_id, lock=True)
            wanted = status_after(action, Status(row.status))
            if wanted != row.status:
                transition(session, row, wanted)
            return self._job(session, row)

    def update(self, job_id: str, patch: JobPatch, *, check: Callable[[Job], None] | None = None) -> Job:
        """Change the job's name and metadata, and until it ends the hyperparameters of its optimizer.

        Args:
            job_id: The job.
            patch: The changes.
            check: Receives the job as it is before the change, and may raise an error to prevent it.

        Raises:
            NotFound: There is no job with this id.
            InvalidTransition: The job has ended or is being cancelled, and the patch changes hyperparameters.
            InvalidInput: The optimizer does not have such a hyperparameter, or the value is out of its range.
        """
        with self._database.write() as session:
            row = existing(session, job_id, lock=True)
            if check is not None:
                check(self._job(session, row))
            config = with_labels(job_value(row, tuned=False).config, patch)
            if patch.optimizer:
                config = _tune(session, row, config, patch)
            if config.metadata != row.labels:
                session.execute(delete(LabelRow).where(LabelRow.job_id == job_id))
                session.add_all(label_rows(job_id, config.metadata))
            row.config, row.labels = config.model_dump(mode="json"), config.metadata
            session.flush()
            return self._job(session, row)

    def delete(self, job_id: str) -> list[str]:
        """Delete a finished job, its history, and its checkpoints that nothing uses.

        Returns:
            The ids of the deleted checkpoints: the caller deletes their bytes.

        Raises:
            InvalidTransition: The job has not finished.
        """
        shorten_log(self._database, job_id)
        with self._database.write_when_full() as session:
            row = finished_row(session, job_id)
            own = lock_for_deletion(session, CheckpointRow.job_id == job_id)
            unused = [checkpoint for checkpoint in own if not user_of(session, checkpoint)]
            session.execute(delete(CheckpointRow).where(CheckpointRow.id.in_(unused)))
            session.delete(row)
            forget_empty_experiment(session, row.experiment_id)
            return unused

    def queued(self, key_id: str | None) -> int:
        """Return the number of queued jobs of an API key, without those of experiments; with None, of all keys."""
        with self._database.read() as session:
            return count_queued(session, yields=False, key_id=key_id)

    def active(self) -> int:
        """Return the number of jobs that are queued or have a worker."""
        with self._database.read() as session:
            busy = [Status.QUEUED, *LIVE]  # the index serves IN, but not NOT IN
            return session.scalar(select(func.count()).where(JobRow.status.in_(busy))) or 0

    def pace(self) -> Pace:
        """Return how fast jobs are done here."""
        with self._database.read() as session:
            return read_pace(session, self._capacity)

    def _job(self, session: Session, row: JobRow, config: JobConfig | None = None) -> Job:
        return job_value(row, place=places(session, [row], self._capacity).get(row.id), config=config)

    def _check_room(self, session: Session, caller: Caller) -> None:
        waiting = count_queued(session, yields=False)
        if waiting >= self._max_queued_jobs:
            raise QueueFull(f"The queue is full: {waiting} jobs are waiting; retry later.", retry_after_s=30)
        if caller.id is None:
            return
        own = count_queued(session, yields=False, key_id=caller.id)
        if own >= self._max_of_one_key:
            raise QueueFull(f"The queue is full: {own} jobs of this key are waiting; retry later.", retry_after_s=30)


def _tune(session: Session, row: JobRow, config: JobConfig, patch: JobPatch) -> JobConfig:
    """Change a job's hyperparameters: at its next steps, or in its configuration if it never started."""
    if Status(row.status) in TERMINAL | {Status.CANCELLING}:
        raise InvalidTransition(f"A job that is {row.status} does not train any more: its optimizer cannot be changed.")
    changed = patch.hyperparameters()
    with_hyperparameters(config, (row.tuned or {}) | changed)  # checks them
    if row.attempt == 0:
        return with_hyperparameters(config, changed)
    row.tuned = (row.tuned or {}) | changed
    change = ChangeRow(id=new_id("change"), job_id=row.id, **{"learning_rate": None, "momentum": None} | changed)
    session.add(change)
    return config
