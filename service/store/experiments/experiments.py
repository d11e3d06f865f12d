"""Experiments as clients see them: created with their jobs, read, listed, cancelled and extended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, true
from sqlalchemy.orm import Session

from service.domain.config import LARGEST_INTEGER
from service.domain.experiment import Design, Experiment, ExperimentStatus, Membership, Plan, jobs_of
from service.domain.history import EpochPoint
from service.domain.ids import new_id
from service.domain.job import TERMINAL, Origin, Status
from service.domain.key import ANONYMOUS, Caller
from service.domain.listing import ALWAYS, Listing, Period
from service.errors import Conflict, InvalidInput, QueueFull
from service.store.database import Database, advisory_lock
from service.store.experiments.outcomes import Outcomes, read_histories, read_outcomes
from service.store.experiments.rows import design_json, design_value, existing, experiment_values
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.jobs.queue import count_queued, forget_turns_if_idle
from service.store.jobs.queueing import queue_job, use_quota
from service.store.pages import created_in, read_page
from service.store.tables import ExperimentRow, JobRow

RETRY_AFTER_S = 60


class ExperimentStore:
    """Experiments, as the API creates, reads and changes them.

    Args:
        database: Holds them.
        max_jobs: The most jobs of one experiment.
        max_queued_jobs: The most queued jobs of all experiments.
        max_of_one_key: The most queued jobs of the experiments of one API key.
    """

    def __init__(self, database: Database, *, max_jobs: int, max_queued_jobs: int, max_of_one_key: int) -> None:
        self._database, self._max_jobs = database, max_jobs
        self._max_queued_jobs, self._max_of_one_key = max_queued_jobs, max_of_one_key

    def create(
        self,
        design: Design,
        key: IdempotencyKey | None = None,
        *,
        name: str | None = None,
        caller: Caller = ANONYMOUS,
        origin: Origin | None = None,
    ) -> Experiment:
        """Add an experiment and queue all its jobs, in one transaction. A repeated *key* adds none.

        Raises:
            IdempotencyConflict: The key was used before, with another body.
            QueueFull: The queue of experiments, or the caller's share of it, has no room for so many jobs.
            QuotaExceeded: The caller has too little left of a quota of today.
            NotFound: A checkpoint in ``init_from`` does not exist.
        """
        with self._database.write() as session:
            advisory_lock(session, "queue")
            if known := created_before(session, key, lambda known_id: session.get(ExperimentRow, known_id)):
                return _one(session, known)
            row = ExperimentRow(
                id=new_id("exp"),
                name=name,
                design=design_json(design),
                looks=0,
                stopped={},
                created_at=datetime.now(UTC),
                created_by=caller.id,
            )
            session.add(row)
            self._queue(session, row.id, jobs_of(design, design.seeds), caller, origin)
            remember(session, key, row.id)
            return _one(session, row)

    def add_seeds(
        self,
        experiment_id: str,
        count: int,
        key: IdempotencyKey | None = None,
        *,
        caller: Caller = ANONYMOUS,
        origin: Origin | None = None,
    ) -> Experiment:
        """Queue jobs of *count* more seeds for every arm that was not given up. A repeated *key* adds none.

        Raises:
            NotFound: There is no experiment with this id.
            Conflict: It was cancelled.
            InvalidInput: It would have too many jobs, or a seed that is too large.
            QueueFull: As for `create`; so is QuotaExceeded.
        """
        with self._database.write() as session:
            advisory_lock(session, "queue")
            row = existing(session, experiment_id, lock=True)
            if created_before(session, key, lambda known_id: session.get(ExperimentRow, known_id)):
                return _one(session, row)
            if row.cancelled_at:
                raise Conflict("The experiment was cancelled: seeds cannot be added; create another one.")
            design = design_value(row.design)
            self.check_size(len(design.arms) * (len(design.seeds) + count), "/add")
            added = _seeds_after(max(design.seeds), count)
            longer = replace(design, seeds=(*design.seeds, *added))
            row.looks += session.scalar(select(exists(_ended(experiment_id)))) or 0
            row.design = design_json(longer)
            self._queue(session, row.id, jobs_of(longer, added, without=row.stopped), caller, origin)
            remember(session, key, row.id)
            return _one(session, row)

    def check_size(self, jobs: int, pointer: str) -> None:
        """Check the number of an experiment's *jobs*.

        Raises:
            InvalidInput: There are too many; the field at *pointer* decides how many.
        """
        if jobs > self._max_jobs:
            message = f"An experiment may have at most {self._max_jobs} jobs; this one would have {jobs}."
            raise InvalidInput.at(pointer, message, "too_many_jobs", limit=self._max_jobs, given=jobs)

    def get(self, experiment_id: str) -> Experiment:
        """Return the experiment.

        Raises:
            NotFound: There is no experiment with this id; the other methods raise it too.
        """
        with self._database.read() as session:
            return _one(session, existing(session, experiment_id))

    def page(
        self, listing: Listing, *, created: Period = ALWAYS, status: ExperimentStatus | None = None
    ) -> tuple[list[Experiment], bool]:
        """Return a page of the experiments, with this status if one is given, and whether there are more."""
        query = created_in(select(ExperimentRow), created, ExperimentRow.created_at)
        if status:
            query = query.where(_has(status))
        with self._database.read() as session:
            rows, has_more = read_page(session, query, listing, row_id=ExperimentRow.id)
            return experiment_values(session, rows), has_more

    def outcomes(self, experiment_id: str) -> tuple[Experiment, Outcomes]:
        """Return the experiment and what each of its jobs has come to, from one snapshot."""
        with self._database.read() as session:
            experiment = _one(session, existing(session, experiment_id))
            return experiment, read_outcomes(session, experiment_id, epoch=experiment.design.epoch)

    def histories(self, experiment_id: str) -> Mapping[str, Sequence[Sequence[EpochPoint]]]:
        """Return the epochs of each job, by the arms of the jobs."""
        with self._database.read() as session:
            return read_histories(session, experiment_id)

    def mark_cancelled(self, experiment_id: str) -> None:
        """Record that a client cancelled the experiment, unless it has ended; the caller cancels its jobs."""
        with self._database.write_when_full() as session:
            row = existing(session, experiment_id, lock=True)
            if row.cancelled_at is None and _one(session, row).status is ExperimentStatus.RUNNING:
                row.cancelled_at = datetime.now(UTC)

    def stop_arms(self, experiment_id: str, found: Mapping[str, Mapping[str, Any]]) -> None:
        """Record what was found out about arms that are given up; the caller cancels their jobs."""
        with self._database.write() as session:
            row = existing(session, experiment_id, lock=True)
            row.stopped = {**found, **row.stopped}

    def ids_to_watch(self) -> list[str]:
        """Return the ids of the experiments that run, and whose hopeless arms are to be given up."""
        running = select(JobRow.experiment_id).where(JobRow.yields == true(), JobRow.status.in_(_UNFINISHED))
        asking = ExperimentRow.design["stop_hopeless"].as_boolean()
        found = select(ExperimentRow.id).where(ExperimentRow.id.in_(running), asking)
        return list(self._database.scalars(found))

    def _queue(self, session: Session, experiment_id: str, jobs: Plan, caller: Caller, origin: Origin | None) -> None:
        self._check_room(session, len(jobs), caller)
        use_quota(session, caller, jobs=len(jobs))
        forget_turns_if_idle(session)
        for arm, config in jobs:
            member = Membership(experiment_id=experiment_id, arm=arm)
            queue_job(session, config, caller=caller, origin=origin, membership=member)

    def _check_room(self, session: Session, jobs: int, caller: Caller) -> None:
        waiting = count_queued(session, yields=True)
        if waiting + jobs > self._max_queued_jobs:
            message = (
                f"The queue is full: {waiting} jobs of experiments are waiting, and {jobs} more are over the limit of "
                f"{self._max_queued_jobs}; retry later."
            )
            raise QueueFull(message, retry_after_s=RETRY_AFTER_S)
        if caller.id is None:
            return
        own = count_queued(session, yields=True, key_id=caller.id)
        if own + jobs > self._max_of_one_key:
            message = (
                f"The queue is full: {own} jobs of this key's experiments are waiting, and {jobs} more are over the "
                f"limit of {self._max_of_one_key}; retry later."
            )
            raise QueueFull(message, retry_after_s=RETRY_AFTER_S)


#: The statuses of jobs that have not ended; the index of statuses serves IN, but not NOT IN.
_UNFINISHED = sorted(set(Status) - TERMINAL)


def _seeds_after(last: int, count: int) -> tuple[int, ...]:
    if last + count > LARGEST_INTEGER:
        message = f"The largest seed is {LARGEST_INTEGER}: there are no {count} more after {last}."
        raise InvalidInput.at("/add", message, "no_more_seeds", limit=LARGEST_INTEGER, given=count, last=last)
    return tuple(range(last + 1, last + count + 1))


def _one(session: Session, row: ExperimentRow) -> Experiment:
    session.flush()
    return experiment_values(session, [row])[0]


def _ended(experiment_id: str) -> Select[str]:
    return select(JobRow.id).where(JobRow.experiment_id == experiment_id, JobRow.status.in_(TERMINAL))


def _has(status: ExperimentStatus) -> ColumnElement[bool]:
    unfinished = exists().where(JobRow.experiment_id == ExperimentRow.id, JobRow.status.in_(_UNFINISHED))
    if status is ExperimentStatus.RUNNING:
        return unfinished
    was_cancelled = ExperimentRow.cancelled_at.is_not(None)
    return ~unfinished & (was_cancelled if status is ExperimentStatus.CANCELLED else ~was_cancelled)
