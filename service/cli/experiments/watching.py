"""``naivenet experiment watch``: shows an experiment until it ends."""

import time
from typing import TYPE_CHECKING, Any

import typer

from service.cli import output
from service.cli.connection import Service, calls_service
from service.cli.experiments.reading import HEADER, ExperimentId, arm_row, print_result, sentences
from service.cli.failures import INTERRUPTED

if TYPE_CHECKING:
    from naivenet_client import Client, ExperimentResult

#: The seconds between two readings.
INTERVAL_S = 0.5


@calls_service
def watch(service: Service, experiment_id: ExperimentId) -> None:
    """Show an experiment until it ends: on a terminal a live table, otherwise a line for each run that has ended.

    Ctrl-C ends watching, not the experiment. With `--json`, the result is printed at the end.
    """
    with service.connect() as client:
        follow(service, client, experiment_id)


def follow(service: Service, client: "Client", experiment_id: str) -> None:
    """Show an experiment until it ends, and then its result.

    Raises:
        Exit: The user pressed Ctrl-C.
    """
    try:
        if not service.as_json and output.is_terminal():
            found = _live(client, experiment_id)
        else:
            found = _lines(client, experiment_id, shown=not service.as_json)
    except KeyboardInterrupt:
        hint = f"{experiment_id} continues. To cancel it: naivenet experiment cancel {experiment_id}"
        typer.echo(hint, err=True)
        raise typer.Exit(INTERRUPTED) from None
    if service.as_json:
        service.print_json()
    else:
        print_result(found)


def _lines(client: "Client", experiment_id: str, *, shown: bool) -> "ExperimentResult":
    """Print a line for each run when it has ended."""
    seen = set[tuple[str, int]]()
    while True:
        found = client.experiments.result(experiment_id)
        for arm in found.arms:
            for run in arm.jobs:
                if run.state != "pending" and (arm.name, run.seed) not in seen:
                    seen.add((arm.name, run.seed))
                    if shown:
                        value = output.text(run.value) or run.state
                        typer.echo(f"{output.text(arm.name)}  seed {run.seed}  {value}", err=True)
        if found.status != "running":
            return found
        time.sleep(INTERVAL_S)


def _live(client: "Client", experiment_id: str) -> "ExperimentResult":
    """Show a table that is drawn again as runs end."""
    from rich.live import Live  # noqa: PLC0415  # only a terminal needs it

    with Live(transient=True, auto_refresh=False) as live:
        while True:
            found = client.experiments.result(experiment_id)
            live.update(_table(found), refresh=True)
            if found.status != "running":
                return found
            time.sleep(INTERVAL_S)


def _table(found: "ExperimentResult") -> Any:
    from rich.console import Group  # noqa: PLC0415  # only a terminal needs it
    from rich.table import Table  # noqa: PLC0415  # likewise
    from rich.text import Text  # noqa: PLC0415  # likewise

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in HEADER:
        table.add_column(name, overflow="fold")
    for arm in found.arms:
        table.add_row(*(Text(output.text(cell)) for cell in arm_row(arm)))  # no markup: names come from users
    return Group(table, *(Text(output.text(line)) for line in sentences(found)))
