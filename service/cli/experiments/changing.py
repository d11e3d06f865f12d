"""``naivenet experiment`` add-seeds, cancel, delete."""

from typing import Annotated

import typer

from service.cli import output
from service.cli.connection import Service, calls_service
from service.cli.experiments.reading import ExperimentId

Count = Annotated[int, typer.Argument(min=1, help="How many seeds to add to each arm.", show_default=False)]


@calls_service
def add_seeds(service: Service, experiment_id: ExperimentId, count: Count) -> None:
    """Train every arm with more seeds. The result says that it was looked at before."""
    with service.connect() as client:
        changed = client.experiments.add_seeds(experiment_id, count)
        service.print_result(f"{experiment_id} has {len(changed.seeds)} seeds")


@calls_service
def cancel(service: Service, experiment_id: ExperimentId) -> None:
    """Cancel an experiment with its jobs that have not ended."""
    with service.connect() as client:
        client.experiments.cancel(experiment_id)
        service.print_result(f"{experiment_id} is cancelled")


@calls_service
def delete(service: Service, experiment_id: ExperimentId) -> None:
    """Delete an experiment that has ended, with all its jobs."""
    with service.connect() as client:
        client.experiments.delete(experiment_id)
    if service.as_json:
        output.print_json({"id": experiment_id, "deleted": True})
