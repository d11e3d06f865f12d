"""Assembles the commands, and prints an expected error as one line without a traceback."""

import sys

import typer
from rich.console import Console
from rich.text import Text

from naivenet.errors import NaivenetError
from service.cli import (
    backup,
    checkpoints,
    datasets,
    doctor,
    experiments,
    jobs,
    keys,
    models,
    options,
    predict,
    prune,
    serve,
    store,
    train,
    webhooks,
)
from service.cli.failures import exit_code
from service.errors import ServiceError

app = typer.Typer(
    name="naivenet",
    help="Train a neural network written from scratch, watch it learn, and recognise digits with it.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong input or options, 3 not found, 4 not allowed, 5 conflict with the "
    "present state, 6 not now: retry later, 7 no service responds, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.command()(serve.serve)
app.command()(serve.trainer)
app.command()(train.train)
app.command()(predict.predict)
app.command()(doctor.doctor)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(prune.prune)
app.command()(store.adopt)
app.command()(options.options)
app.add_typer(jobs.app, name="jobs")
app.add_typer(experiments.app, name="experiment")
app.add_typer(checkpoints.app, name="checkpoints")
app.add_typer(datasets.app, name="dataset")
app.add_typer(models.app, name="models")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (ServiceError, NaivenetError) as error:
        message = Text.assemble(("naivenet:", "red"), f" {error}")  # no markup: messages contain what users typed
        Console(stderr=True).print(message, highlight=False, soft_wrap=True)
        sys.exit(exit_code(error))
