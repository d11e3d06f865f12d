"""``naivenet prune``: deletes old jobs, checkpoints and model versions."""

import contextlib
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import output
from service.domain.pruning import PruneRules
from service.settings import load_settings

if TYPE_CHECKING:
    from service.operations.pruning import Pruning


def prune(
    *,
    older_than: Annotated[
        int | None, typer.Option(min=0, help="Delete jobs that ended more than this many days ago.")
    ] = None,
    keep_checkpoints: Annotated[
        int | None,
        typer.Option(min=1, help="Of each job that has ended, keep this many checkpoints, its best and its result."),
    ] = None,
    keep_versions: Annotated[
        int | None,
        typer.Option(min=1, help="Of each model, keep this many versions, and those with an alias."),
    ] = None,
    trash: Annotated[bool, typer.Option("--trash", help="Empty the trash of the checkpoint store.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without this option nothing is deleted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List what these options delete, with its size; with `--yes`, delete it. The service may be running.

    Checkpoints of deleted jobs and versions that nothing uses any more always go. What is in use stays: the checkpoints
    of model versions, and what unfinished jobs need. The environment variables of `serve` select the service.
    """
    from service.composition import compose  # noqa: PLC0415  # imported here: the other commands do not need it
    from service.operations.pruning import carry_out, prepare  # noqa: PLC0415  # likewise

    settings = load_settings()
    rules = PruneRules(
        older_than_days=older_than,
        keep_checkpoints=keep_checkpoints,
        keep_versions=keep_versions or settings.keep_versions,
    )
    with contextlib.closing(compose(settings)) as services:
        pruning = prepare(services, rules, empty_trash=trash)
        if not as_json:
            _list(pruning)
        if yes:
            carry_out(services, pruning.plan)
            if trash:
                services.trash.empty()
    if as_json:
        output.print_json(_json(pruning) | {"deleted": yes})
    else:
        typer.echo(f"{pruning.total_bytes:,} bytes {'deleted' if yes else 'to delete; --yes deletes them'}")


def _json(pruning: "Pruning") -> dict[str, object]:
    return {
        "versions": [{"model": each.model, "version": each.version} for each in pruning.plan.versions],
        "jobs": list(pruning.plan.jobs),
        "checkpoints": [{"id": name, "bytes": size} for name, size in pruning.bytes.items()],
        "trash_bytes": pruning.trash_bytes,
        "total_bytes": pruning.total_bytes,
    }


def _list(pruning: "Pruning") -> None:
    for version in pruning.plan.versions:
        typer.echo(f"version    {version.model}/{version.version}")
    for job_id in pruning.plan.jobs:
        typer.echo(f"job        {job_id}")
    for checkpoint_id, size in pruning.bytes.items():
        typer.echo(f"checkpoint {checkpoint_id} {size:,} bytes")
    if pruning.trash_bytes:
        typer.echo(f"trash      {pruning.trash_bytes:,} bytes")
