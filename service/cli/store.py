"""``naivenet adopt``: declares that a database and a checkpoint store belong together."""

import contextlib
from typing import Annotated

import typer

from service.settings import load_settings


def adopt(
    *, yes: Annotated[bool, typer.Option("--yes", help="Do it; without this option nothing changes.")] = False
) -> None:
    """Declare that the database and the checkpoint store in the settings belong together.

    They find that out themselves, except after one of them was replaced. From then on files in the store that the
    database does not know are moved into the store's trash. Back up both first.
    """
    from service.composition import compose  # noqa: PLC0415  # the other commands do not need it

    with contextlib.closing(compose(load_settings())) as services:
        problem = services.pairing.problem()
        if problem is None:
            typer.echo("They belong together already.")
        elif not yes:
            typer.echo(f"{problem} With --yes the two belong together from now on.")
        else:
            found, known = services.pairing.adopt()
            typer.echo(f"Paired: {found} of the {known} checkpoints and datasets in the database are in the store.")
