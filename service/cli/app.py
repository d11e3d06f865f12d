"""Assembles the commands, and prints an expected error as one line without a traceback."""

import sys

import typer
from rich.console import Console

from naivenet.errors import NaivenetError
from service.cli import backup, doctor, jobs, keys, predict, serve, store, train
from service.errors import ServiceError

app = typer.Typer(
    name="naivenet",
    help="Train a neural network written from scratch, watch it learn, and recognise digits with it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
app.command()(serve.serve)
app.command()(serve.trainer)
app.command()(train.train)
app.command()(predict.predict)
app.command()(doctor.doctor)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(store.adopt)
app.add_typer(jobs.app, name="jobs")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (ServiceError, NaivenetError) as error:
        Console(stderr=True).print(f"[red]naivenet:[/red] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)
