"""``naivenet experiment`` list, result; and how results are printed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli import output
from service.cli.connection import Service, calls_service
from service.cli.jobs.reading import CreatedAfter, Limit

if TYPE_CHECKING:
    from naivenet_client import Experiment, ExperimentResult
    from naivenet_client.schemas.experiments import ArmResult

ExperimentId = Annotated[
    str,
    typer.Argument(
        metavar="EXPERIMENT", help="The experiment's id, such as exp_01m84c1jy4e3jte4zp0z8k3v2n.", show_default=False
    ),
]
Language = Annotated[str, typer.Option(help="The language of the sentences: `en` or `es`.")]

HEADER = ("arm", "runs", "mean", "from", "to", "sd", "diverged", "failed")


@calls_service
def list_experiments(service: Service, *, created_after: CreatedAfter = None, limit: Limit = 20) -> None:
    """List the newest experiments."""
    with service.connect() as client:
        found = client.experiments.list(limit=limit, created_after=created_after)
        service.print_list(found, ("id", "name", "status", "arms", "seeds", "jobs"), _row)


@calls_service
def result(service: Service, experiment_id: ExperimentId, *, language: Language = "en") -> None:
    """Show what an experiment shows so far: a sentence for each pair, and a row for each arm."""
    chosen: Any = language  # the client's literals; the service answers English to any other
    with service.connect() as client:
        found = client.experiments.result(experiment_id, language=chosen)
        if service.as_json:
            service.print_json()
        else:
            print_result(found)


def print_result(found: "ExperimentResult") -> None:
    """Print the sentences, and the table of the arms."""
    for line in sentences(found):
        typer.echo(output.text(line))
    output.print_table(HEADER, map(arm_row, found.arms))


def sentences(found: "ExperimentResult") -> list[str]:
    """Return the sentences of a result: about pairs, arms that were given up, and earlier looks."""
    return [*(pair.sentence for pair in found.pairs), *found.stopped.values(), *([found.note] if found.note else [])]


def arm_row(arm: "ArmResult") -> tuple[object, ...]:
    """Return the cells of an arm."""
    low, high = arm.interval or (None, None)
    return arm.name, f"{arm.n}/{len(arm.jobs)}", arm.mean, low, high, arm.sd, arm.diverged, arm.failed


def _row(found: "Experiment") -> tuple[object, ...]:
    done = f"{found.jobs.ended}/{found.jobs.total}"
    return found.id, found.name, found.status, len(found.arms), len(found.seeds), done
