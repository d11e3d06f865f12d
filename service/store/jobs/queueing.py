"""Adds jobs to the queue, in the transaction of the caller."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from service.domain.config import JobConfig
from service.domain.event import EventType
from service.domain.experiment import Membership
from service.domain.ids import new_id
from service.domain.job import Origin, Status
from service.domain.key import Caller
from service.domain.quotas import Usage, check_quota
from service.store.datasets.rows import lock_dataset_for_use
from service.store.idempotency import IdempotencyKey
from service.store.jobs.event_log import append_event
from service.store.jobs.rows import status_data
from service.store.models.checkpoints import lock_for_use
from service.store.operations.keys import allowance_of
from service.store.operations.usage import add_usage, used_today
from service.store.tables import JobRow, KeyRow, LabelRow


def queue_job(  # noqa: PLR0913  # the facts of a new job
    session: Session,
    config: JobConfig,
    key: IdempotencyKey | None = None,
    *,
    parent_id: str | None = None,
    caller: Caller,
    origin: Origin | None = None,
    membership: Membership | None = None,
) -> JobRow:
    """Add a queued job, with its labels and its first event. A job of an experiment yields to all others.

    The caller holds the advisory lock of the queue, and has checked that there is room.

    Raises:
        NotFound: The checkpoint in ``init_from``, or an uploaded dataset, does not exist.
    """
    _lock_inputs(session, config)
    row = JobRow(
        id=new_id("job"),
        status=Status.QUEUED,
        config=config.model_dump(mode="json"),
        group=config.group,
        labels=config.metadata,
        idempotency_key=key.key if key else None,
        request_digest=key.digest if key else None,
        created_at=datetime.now(UTC),
        parent_id=parent_id,
        created_by=caller.id,
        origin=asdict(origin) if origin else None,
        experiment_id=membership.experiment_id if membership else None,
        arm=membership.arm if membership else None,
        yields=membership is not None,
    )
    session.add(row)
    session.flush()
    session.add_all(label_rows(row.id, config.metadata))
    append_event(session, row, EventType.STATUS, status_data(row))
    return row


def use_quota(session: Session, caller: Caller, *, jobs: int = 1) -> None:
    """Count more *jobs* of the caller's key; its row is missing only if the key was not made here.

    Raises:
        QuotaExceeded: The key has used up a quota of today, or has too little of it left for so many.
    """
    if caller.id is None:
        return
    now = datetime.now(UTC)
    if key := session.get(KeyRow, caller.id):
        used = used_today(session, now, key_id=caller.id).get(caller.id, Usage())
        check_quota(key.name, allowance_of(key), used, now, jobs=jobs)
    add_usage(session, caller.id, now.date(), jobs=jobs)


def label_rows(job_id: str, labels: Mapping[str, str]) -> list[LabelRow]:
    """Return the index rows of a job's metadata."""
    return [LabelRow(key=key, value=value, job_id=job_id) for key, value in labels.items()]


def _lock_inputs(session: Session, config: JobConfig) -> None:
    """Lock the checkpoint and the datasets that a job needs, so that they are not deleted meanwhile."""
    if config.init_from:
        lock_for_use(session, config.init_from)
    for name in config.versioned_datasets:
        lock_dataset_for_use(session, name)
