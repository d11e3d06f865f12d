"""Cancels or deletes all jobs that match a filter: one transaction each, so that other requests pass in between."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from service.composition import Services
from service.domain.job import TERMINAL, Status
from service.errors import InvalidTransition, NotFound
from service.jobs.removal import remove_job
from service.store.jobs.filters import JobFilter

#: The statuses of jobs that can still be cancelled.
CANCELLABLE = frozenset(Status) - TERMINAL - {Status.CANCELLING}


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What was changed.

    Attributes:
        ids: The jobs, newest first.
        has_more: Whether further jobs match.
    """

    ids: tuple[str, ...]
    has_more: bool


def cancel_jobs(services: Services, job_filter: JobFilter, *, limit: int) -> Changed:
    """Cancel up to *limit* of the jobs that match and have not ended: the newest first, so that none starts instead."""
    return _change(services, services.jobs.cancel, job_filter, CANCELLABLE, limit=limit)


def remove_jobs(services: Services, job_filter: JobFilter, *, limit: int) -> Changed:
    """Remove up to *limit* of the jobs that match and have ended."""
    return _change(services, lambda job_id: remove_job(services, job_id), job_filter, TERMINAL, limit=limit)


def _change(
    services: Services,
    change: Callable[[str], object],
    job_filter: JobFilter,
    possible: frozenset[Status],
    *,
    limit: int,
) -> Changed:
    statuses = possible & set(job_filter.statuses) if job_filter.statuses else possible
    if not statuses:
        return Changed(ids=(), has_more=False)
    found, has_more = services.jobs.ids(replace(job_filter, statuses=statuses), limit=limit)
    changed = []
    for job_id in found:
        with suppress(NotFound, InvalidTransition):  # another client was faster
            change(job_id)
            changed.append(job_id)
    return Changed(ids=tuple(changed), has_more=has_more)
