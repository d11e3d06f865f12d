"""``naivenet dataset``: teach a dataset of one's own."""

from typing import Annotated

import typer

from service.cli import inputs
from service.cli.connection import Service, calls_service
from service.cli.jobs.starting import Watch, started

app = typer.Typer(help="Teach a dataset of your own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DATASET", help="The name of the dataset.")]


@app.callback()
def _group() -> None:
    """Teach a dataset of your own."""


@app.command()
@calls_service
def teach(service: Service, name: Name, *, assignments: inputs.Assignments = None, watch_it: Watch = False) -> None:
    """Start a job of seconds that adds a dataset to what the live network reads, and print its id."""
    body = inputs.job_body(None, assignments)
    with service.connect() as client:
        started(service, client, client.datasets.teach(name, body), watch_it=watch_it)
