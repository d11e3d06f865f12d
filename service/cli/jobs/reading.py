"""``naivenet jobs`` list, show."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli import inputs
from service.cli.connection import Service, calls_service
from service.domain.job import Status

if TYPE_CHECKING:
    from naivenet_client import Job
    from naivenet_client.lists import JobFilter, ListOptions
    from naivenet_client.schemas.jobs import MixedDataset

JobId = Annotated[
    str, typer.Argument(metavar="JOB", help="The job's id, such as job_01m84c1jy4e3jte4zp011kt9e9.", show_default=False)
]
Limit = Annotated[int, typer.Option(min=1, help="The largest number of items to list.")]
#: How times are written on the command line.
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]

Reverse = Annotated[bool, typer.Option("--reverse", help="Reverse the order: the oldest or lowest first.")]
CreatedAfter = Annotated[
    datetime | None, typer.Option(formats=TIMES, help="Only what was created after this time, in UTC.")
]
CreatedBefore = Annotated[
    datetime | None, typer.Option(formats=TIMES, help="Only what was created before this time, in UTC.")
]
Statuses = Annotated[list[Status] | None, typer.Option("--status", help="Only jobs with this status. Repeatable.")]
Group = Annotated[str | None, typer.Option(help="Only jobs of this group.")]


class JobSort(StrEnum):
    """What the list of jobs can be sorted by."""

    CREATED_AT = "created_at"
    STARTED_AT = "started_at"
    FINISHED_AT = "finished_at"
    TEST_ACCURACY = "test_accuracy"


_HEADER = ("id", "name", "status", "step", "accuracy")


@calls_service
def list_jobs(
    service: Service,
    *,
    status: Statuses = None,
    group: Group = None,
    metadata: inputs.Labels = None,
    created_after: CreatedAfter = None,
    sort: Annotated[JobSort, typer.Option(help="The key to sort by, the largest first.")] = JobSort.CREATED_AT,
    reverse: Reverse = False,
    limit: Limit = 20,
) -> None:
    """List the newest jobs. The accuracy is that on the test images."""
    labels = inputs.labels(metadata)
    chosen: Any = [each.value for each in status or ()] or None  # the client's literals
    order = listed(sort, reverse=reverse, created_after=created_after)
    with service.connect() as client:
        jobs = client.jobs.list(status=chosen, group=group, metadata=labels, limit=limit, **order)
        service.print_list(jobs, _HEADER, _row)


@calls_service
def show(service: Service, job_id: JobId) -> None:
    """Show a job: as text on a terminal, otherwise as JSON."""
    with service.connect() as client:
        service.print_fields(_fields(client.jobs.get(job_id)))


def job_filter(
    status: list[Status] | None,
    group: str | None,
    metadata: list[str] | None,
    created_after: datetime | None,
    created_before: datetime | None,
) -> "JobFilter":
    """Return the filter of jobs as the client takes it; a time without a time zone is UTC."""
    statuses: Any = [each.value for each in status or ()] or None  # the client's literals
    return {
        "status": statuses,
        "group": group,
        "metadata": inputs.labels(metadata),
        "created_after": created_after,
        "created_before": created_before,
    }


def listed(sort: str, *, reverse: bool, created_after: datetime | None) -> "ListOptions":
    """Return the options of a list as the client takes them; a time without a time zone is UTC."""
    return {"sort": sort, "order": "asc" if reverse else "desc", "created_after": created_after}


def _row(job: "Job") -> tuple[object, ...]:
    return job.id, job.name, job.status, _steps(job), job.result and job.result.test_accuracy


def _steps(job: "Job") -> str:
    return f"{job.progress.step}/{job.progress.total_steps or '?'}"


def _fields(job: "Job") -> dict[str, object]:
    layers = (f"{layer.units} {layer.activation}" for layer in job.network.layers)
    settings = (f"{name} {value}" for name, value in job.optimizer.items() if name != "name")
    result = job.result
    return {
        "id": job.id,
        "name": job.name,
        "group": job.group,
        "labels": ", ".join(f"{name}={value}" for name, value in job.metadata.items()),
        "status": job.status if job.error is None else f"{job.status}: {job.error.message}",
        "queue position": job.queue_position,
        "estimated start": job.estimated_start_at,
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "step": _steps(job),
        "epoch": f"{job.progress.epoch}/{job.epochs}",
        "dataset": job.dataset if job.datasets is None else ", ".join(map(_weighted, job.datasets)),
        "network": ", ".join(layers),
        "optimizer": ", ".join([str(job.optimizer["name"]), *settings]),
        "batch size": job.batch_size,
        "seed": job.seed,
        "train accuracy": result and result.train_accuracy,
        "test accuracy": result and result.test_accuracy,
        **({f"{each.dataset} {each.split} accuracy": each.accuracy for each in result.sets} if result else {}),
        "checkpoint": result and result.checkpoint_id,
        "forked from": job.parent_id,
    }


def _weighted(entry: "MixedDataset") -> str:
    """Return a dataset of a mix as the option ``--datasets`` takes it."""
    version = "" if entry.version is None else f"@{entry.version}"
    return f"{entry.name}{version}:{entry.weight:g}"
