"""``naivenet backup`` and ``naivenet restore``: all that the service has, in one file, and back."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.settings import load_settings

if TYPE_CHECKING:
    from service.operations.backup import Backup, Summary

File = Annotated[Path, typer.Argument(help="The backup, a tar file.")]


def backup(file: File) -> None:
    """Write all jobs, models, keys and checkpoints into FILE, while the service runs.

    Which service is told by the same variables as `serve` has.
    """
    with _tool() as tool:
        made = tool.write(file)
    typer.echo(f"{file}: {made.rows} rows, {made.checkpoints} checkpoints of {made.bytes:,} bytes")
    _warn(made)


def restore(file: File) -> None:
    """Fill an empty service, on SQLite or PostgreSQL, with what FILE has. Jobs that trained go on once it starts."""
    with _tool() as tool:
        restored = tool.restore(file)
    typer.echo(f"{restored.rows} rows, {restored.checkpoints} checkpoints of {restored.bytes:,} bytes")
    _warn(restored)


def _warn(summary: "Summary") -> None:
    for each in summary.damaged:
        typer.echo(f"{each} was damaged before the backup, which has it as it was", err=True)


@contextlib.contextmanager
def _tool() -> Iterator["Backup"]:
    from service.composition import compose  # noqa: PLC0415  # likewise
    from service.operations.backup import Backup  # noqa: PLC0415  # the other commands need none of it
    from service.store.operations.dumps import DumpStore  # noqa: PLC0415  # likewise

    with contextlib.closing(compose(load_settings())) as services:
        yield Backup(DumpStore(services.database), services.blobs)
