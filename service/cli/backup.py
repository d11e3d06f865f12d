"""``naivenet backup`` and ``naivenet restore``: all data of a service in one file, and back."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.settings import load_settings

if TYPE_CHECKING:
    from service.operations.backup import Backup, Summary

File = Annotated[Path, typer.Argument(help="The backup: a tar file.")]


def backup(file: File) -> None:
    """Write all jobs, models, API keys and checkpoints into FILE. The service may be running.

    The environment variables of `serve` select the service.
    """
    with _tool() as tool:
        made = tool.write(file)
    typer.echo(f"{file}: {made.rows} rows, {made.checkpoints} checkpoints of {made.bytes:,} bytes")
    _warn_of_damage(made)


def restore(file: File) -> None:
    """Restore FILE into an empty service, on SQLite or PostgreSQL. Unfinished jobs continue once the service starts."""
    with _tool() as tool:
        restored = tool.restore(file)
    typer.echo(f"{restored.rows} rows, {restored.checkpoints} checkpoints of {restored.bytes:,} bytes")
    _warn_of_damage(restored)


def _warn_of_damage(summary: "Summary") -> None:
    for each in summary.damaged:
        typer.echo(f"{each} was damaged before the backup; it is in the backup as it was", err=True)


@contextlib.contextmanager
def _tool() -> Iterator["Backup"]:
    from service.composition import compose  # noqa: PLC0415  # imported here: the other commands do not need it
    from service.operations.backup import Backup  # noqa: PLC0415  # likewise
    from service.store.operations.dumps import DumpStore  # noqa: PLC0415  # likewise

    with contextlib.closing(compose(load_settings())) as services:
        yield Backup(DumpStore(services.database), services.blobs)
