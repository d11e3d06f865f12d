"""Which jobs a list has, and in which order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from service.domain.job import Status
from service.domain.listing import ALWAYS, CREATED_AT, LONG_AGO, Period
from service.store.pages import created_in
from service.store.tables import JobRow, LabelRow


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """A filter of the list of jobs; None and empty match all.

    Attributes:
        ids: Jobs with any of these; with an empty list, none.
        statuses: Jobs with any of these.
        labels: Jobs with all of these in their metadata.
        created: When they were created.
        created_by: The id of the API key that created them.
        experiment_id: The experiment to which they belong.
    """

    ids: Collection[str] | None = None
    statuses: Collection[Status] = ()
    group: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    created: Period = ALWAYS
    created_by: str | None = None
    experiment_id: str | None = None

    def __bool__(self) -> bool:
        """Return whether it excludes anything."""
        named = (self.ids, self.group, self.created_by, self.experiment_id)
        return bool(self.statuses or self.labels or self.created) or any(each is not None for each in named)


def filtered(job_filter: JobFilter) -> tuple[Select[JobRow], InstrumentedAttribute[str]]:
    """Return the query of the jobs that match, and the column of their ids; with metadata, of its last key's index."""
    query, job_id = select(JobRow), JobRow.id
    for key, value in job_filter.labels.items():
        label = aliased(LabelRow)
        query = query.join(label, label.job_id == job_id).where(label.key == key, label.value == value)
        job_id = label.job_id
    if job_filter.ids is not None:
        query = query.where(JobRow.id.in_(job_filter.ids))
    if job_filter.statuses:
        query = query.where(JobRow.status.in_(job_filter.statuses))
    if job_filter.group is not None:
        query = query.where(JobRow.group == job_filter.group)
    if job_filter.created_by is not None:
        query = query.where(JobRow.created_by == job_filter.created_by)
    if job_filter.experiment_id is not None:
        query = query.where(JobRow.experiment_id == job_filter.experiment_id)
    return created_in(query, job_filter.created, JobRow.created_at), job_id


#: What the list of jobs can be sorted by, besides their creation. A job that has no such value comes below all others.
SORT_KEYS: Mapping[str, ColumnElement[Any]] = {
    "started_at": func.coalesce(JobRow.started_at, LONG_AGO),
    "finished_at": func.coalesce(JobRow.finished_at, LONG_AGO),
    "test_accuracy": func.coalesce(JobRow.result["test_accuracy"].as_float(), -1.0),
}
JOB_SORTS = (CREATED_AT, *SORT_KEYS)
