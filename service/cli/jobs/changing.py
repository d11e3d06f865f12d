"""``naivenet jobs`` pause, resume, cancel, save, update, delete."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from service.cli import inputs, output
from service.cli.connection import Service, calls_service
from service.cli.jobs.reading import CreatedAfter, CreatedBefore, Group, JobId, Statuses, job_filter


@calls_service
def pause(service: Service, job_id: JobId) -> None:
    """Pause a job: it saves a checkpoint and frees its worker."""
    with service.connect() as client:
        service.print_result(client.jobs.ref(job_id).pause().status)


@calls_service
def resume(service: Service, job_id: JobId) -> None:
    """Resume a paused job at the same step."""
    with service.connect() as client:
        service.print_result(client.jobs.ref(job_id).resume().status)


@calls_service
def cancel(service: Service, job_id: JobId) -> None:
    """Cancel a job."""
    with service.connect() as client:
        service.print_result(client.jobs.ref(job_id).cancel().status)


@calls_service
def cancel_all(
    service: Service,
    *,
    status: Statuses = None,
    group: Group = None,
    metadata: inputs.Labels = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
) -> None:
    """Cancel all jobs that match and have not ended, and print their ids. At least one filter is required."""
    matching = job_filter(status, group, metadata, created_after, created_before)
    with service.connect() as client:
        _print_ids(service, client.jobs.cancel(**matching))


@calls_service
def delete_all(
    service: Service,
    *,
    status: Statuses = None,
    group: Group = None,
    metadata: inputs.Labels = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
) -> None:
    """Delete all jobs that match and have ended, and print their ids. At least one filter is required."""
    matching = job_filter(status, group, metadata, created_after, created_before)
    with service.connect() as client:
        _print_ids(service, client.jobs.delete(**matching))


def _print_ids(service: Service, ids: Sequence[str]) -> None:
    if service.as_json:
        output.print_json({"count": len(ids), "ids": ids})
        return
    for job_id in ids:
        typer.echo(job_id)


@calls_service
def save(service: Service, job_id: JobId) -> None:
    """Save a checkpoint of a job now, also while it trains, and print its id."""
    with service.connect() as client:
        service.print_result(client.jobs.ref(job_id).save().id)


@calls_service
def update(
    service: Service,
    job_id: JobId,
    *,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A label to set, or with an empty VALUE to remove. Repeatable."),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="The learning rate from one of the next steps on.")
    ] = None,
    momentum: Annotated[float | None, typer.Option(help="The momentum, likewise.")] = None,
) -> None:
    """Change the name or labels of a job, or the learning rate and momentum while it trains."""
    labels: Mapping[str, str | None] = {label: value or None for label, value in inputs.labels(metadata).items()}
    if not labels and (name, learning_rate, momentum) == (None, None, None):
        raise typer.BadParameter("give --name, --metadata, --learning-rate or --momentum")
    with service.connect() as client:
        job = client.jobs.ref(job_id).update(
            name=name, metadata=labels or None, learning_rate=learning_rate, momentum=momentum
        )
        service.print_result(f"{job.id}: updated")


@calls_service
def delete(service: Service, job_id: JobId) -> None:
    """Delete a finished job, its history, and its checkpoints that no model version uses."""
    with service.connect() as client:
        client.jobs.ref(job_id).delete()
    if service.as_json:
        output.print_json({"id": job_id, "deleted": True})
