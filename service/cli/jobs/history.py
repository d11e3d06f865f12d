"""``naivenet jobs history``: the losses of a job's steps, or the metrics of its epochs."""

import csv
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from service.cli import output
from service.cli.connection import Service, calls_service
from service.cli.jobs.reading import JobId
from service.domain.thinning import MIN_POINTS


class Granularity(StrEnum):
    """What has a point in the history."""

    STEP = "step"
    EPOCH = "epoch"


@calls_service
def history(
    service: Service,
    job_id: JobId,
    *,
    granularity: Annotated[
        Granularity, typer.Option(help="The metrics of each epoch, or the loss of each step.")
    ] = Granularity.EPOCH,
    after: Annotated[int, typer.Option(min=0, help="Only points after this step.")] = 0,
    max_points: Annotated[
        int | None,
        typer.Option(min=MIN_POINTS, help="The largest number of points; the first, last, lowest and highest stay."),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with the columns of the API.")] = False,
) -> None:
    """Show how a job learned: as a table, as CSV, or as JSON."""
    with service.connect() as client:
        found: Any = client.jobs.ref(job_id).history(granularity.value, after=after, max_points=max_points)
    if as_csv:
        rows = found.to_rows()
        writer = csv.DictWriter(sys.stdout, _columns(rows), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    elif service.as_json:
        service.print_json()
    else:
        _print_table(found.to_rows())


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(rows[0]) if rows else ["step", "epoch", "loss"]


def _print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the points as a table, without columns that are empty, or the same as another one."""
    shown = [name for name in _columns(rows) if not rows or any(row[name] is not None for row in rows)]
    if "train_loss" in shown:
        shown.remove("loss")
    output.print_table([name.replace("_", " ") for name in shown], ([row[name] for name in shown] for row in rows))
