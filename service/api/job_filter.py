"""The query parameters that select jobs: for a list, and for a change of several jobs."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator

from service.api.dependencies import CallerDep
from service.api.http.listing import PeriodDep
from service.api.http.query import split_at_commas
from service.domain.job import Status
from service.domain.key import Scope
from service.domain.metadata import metadata_key
from service.errors import InvalidInput
from service.store.jobs.filters import JobFilter


async def _filter(
    request: Request,
    created: PeriodDep,
    ids: Annotated[
        list[str] | None,
        BeforeValidator(split_at_commas),
        Query(alias="id", description="Only the job with this id, or those with several: `id=a,b` or `id=a&id=b`."),
    ] = None,
    status: Annotated[
        list[Status] | None,
        BeforeValidator(split_at_commas),
        Query(description="Only jobs with this status, or with one of several: `status=a,b` or `status=a&status=b`."),
    ] = None,
    group: Annotated[str | None, Query(max_length=64, description="Only jobs of this group.")] = None,
    experiment: Annotated[
        str | None, Query(max_length=64, description="Only jobs of the experiment with this id.")
    ] = None,
) -> JobFilter:
    labels = {
        metadata_key(name.removeprefix("metadata[").removesuffix("]")): value
        for name, value in request.query_params.items()
        if name.startswith("metadata[") and name.endswith("]")
    }
    return JobFilter(
        ids=ids, statuses=status or (), group=group, labels=labels, created=created, experiment_id=experiment
    )


JobFilterDep = Annotated[JobFilter, Depends(_filter)]


async def _chosen(job_filter: JobFilterDep, caller: CallerDep) -> JobFilter:
    """Return the filter for a change of several jobs, of the caller's own unless it may change all.

    Raises:
        InvalidInput: The filter would match all jobs.
    """
    if not job_filter:
        choice = "id, status, group, experiment, metadata[KEY], created_after, created_before"
        raise InvalidInput.at("query", f"Say which jobs: send at least one of {choice}.", "no_filter")
    return job_filter if Scope.ADMIN in caller.scopes else replace(job_filter, created_by=caller.id)


#: The same, but not all jobs, and only those of the caller's key unless it has the scope `admin`.
ChosenJobs = Annotated[JobFilter, Depends(_chosen)]
