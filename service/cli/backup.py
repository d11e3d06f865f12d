"""``naivenet backup`` and ``naivenet restore``: all data of a service in one file, and back."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import inputs, output
from service.settings import load_settings

if TYPE_CHECKING:
    from service.operations.backup import Backup, Summary

AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


def backup(
    file: Annotated[Path, typer.Argument(help="The backup to write: a tar file.")], *, as_json: AsJson = False
) -> None:
    """Write all jobs, models, API keys, checkpoints and datasets of clients into FILE. The service may be running.

    The environment variables of `serve` select the service.
    """
    inputs.check_folder(file, "FILE")
    with _tool() as tool:
        made = tool.write(file)
    _print(made, f"{file}: ", as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup to read: a tar file.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Restore FILE into an empty service, on SQLite or PostgreSQL. Unfinished jobs continue once the service starts."""
    with _tool() as tool:
        restored = tool.restore(file)
    _print(restored, "", as_json=as_json)


def _print(summary: "Summary", before: str, *, as_json: bool) -> None:
    if as_json:
        output.print_json(asdict(summary))
    else:
        typer.echo(
            f"{before}{summary.rows} rows, {summary.checkpoints} checkpoints of {summary.bytes:,} bytes, "
            f"{summary.datasets} datasets"
        )
    for each in summary.damaged:
        typer.echo(f"{each} was damaged before the backup; it is in the backup as it was", err=True)


@contextlib.contextmanager
def _tool() -> Iterator["Backup"]:
    from service.composition import compose  # noqa: PLC0415  # imported here: the other commands do not need it
    from service.operations.backup import Backup  # noqa: PLC0415  # likewise
    from service.store.operations.dumps import DumpStore  # noqa: PLC0415  # likewise

    with contextlib.closing(compose(load_settings())) as services:
        yield Backup(DumpStore(services.database), services.blobs)
