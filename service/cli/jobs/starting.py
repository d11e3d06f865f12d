"""``naivenet jobs`` start, fork."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import inputs
from service.cli.connection import Service, calls_service
from service.cli.jobs.reading import JobId
from service.cli.jobs.watching import follow

if TYPE_CHECKING:
    from naivenet_client import Client, Job

Watch = Annotated[bool, typer.Option("--watch", help="Wait until the job ends, and show its epochs.")]


@calls_service
def start(
    service: Service,
    *,
    config: inputs.Config = None,
    datasets: inputs.Mix = None,
    preset: Annotated[
        str | None, typer.Option(help="The configuration to start from: `notebook`, `accurate` or `robust`.")
    ] = None,
    assignments: inputs.Assignments = None,
    watch_it: Watch = False,
) -> None:
    """Start a job, and print its id. Without a configuration it trains as the notebook does."""
    mix = inputs.mix(datasets) if datasets else None
    body = inputs.job_body(config, assignments, preset=preset, datasets=mix)
    with service.connect() as client:
        started(service, client, client.jobs.create(body), watch_it=watch_it)


@calls_service
def fork(
    service: Service,
    job_id: JobId,
    *,
    config: inputs.Config = None,
    assignments: inputs.Assignments = None,
    checkpoint: Annotated[
        str | None, typer.Option(help="The checkpoint to start from; by default the job's last one.")
    ] = None,
    watch_it: Watch = False,
) -> None:
    """Start a job from the weights and the configuration of another one, and print its id."""
    body = inputs.job_body(config, assignments, init_from=checkpoint)
    with service.connect() as client:
        started(service, client, client.jobs.ref(job_id).fork(body), watch_it=watch_it)


def started(service: Service, client: "Client", job: "Job", *, watch_it: bool) -> None:
    """Print the id of a new job, or the job as JSON; with *watch_it*, its events follow."""
    if not (service.as_json and watch_it):  # events alone: each line is one
        service.print_result(job.id)
    if watch_it:
        follow(service, client, job.id)
