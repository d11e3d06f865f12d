"""``naivenet keys``: give and revoke the keys of the service whose database the settings name."""

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.domain.key import Key, Scope
from service.settings import load_settings
from service.store.operations.keys import KeyStore

app = typer.Typer(help="Give and revoke keys, in the database that the settings name.", no_args_is_help=True)

#: What somebody needs who trains and predicts.
USUAL = [Scope.READ, Scope.PREDICT, Scope.TRAIN]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose it is, or what for.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="What for; give it several times.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36_500, help="When it expires; never, if left out.")] = None,
) -> None:
    """Make a key, and write it to the standard output: it is told once, and kept nowhere.

    Without `--scope` it may read, predict and train.
    """
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    with _store() as keys:
        key, text = keys.create(name, scope or USUAL, expires_at=expires_at)
    typer.echo(f"{key.id} for {name}: {_scopes(key)}. This is the key, and it is not shown again:", err=True)
    typer.echo(text)


@app.command("list")
def list_keys() -> None:
    """List the keys, newest first: what they are for, when they were last used, and whether they hold."""
    with _store() as keys:
        rows = [_row(key) for key in keys.all()]
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table("id", "name", "scopes", "made", "last used", "holds", box=None)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@app.command()
def revoke(named: Annotated[str, typer.Argument(metavar="KEY", help="An id, or a name for all keys of it.")]) -> None:
    """Have a key be refused, from a moment later on and for ever."""
    with _store() as keys:
        for key in keys.revoke(named):
            typer.echo(f"{key.id} for {key.name}: revoked")


@contextlib.contextmanager
def _store() -> Iterator[KeyStore]:
    from service.composition import compose  # noqa: PLC0415  # the other commands need no database

    with contextlib.closing(compose(load_settings())) as services:
        yield services.keys


def _row(key: Key) -> tuple[str, ...]:
    return key.id, key.name, _scopes(key), _day(key.created_at), _day(key.last_used_at), _holds(key)


def _scopes(key: Key) -> str:
    return " ".join(scope for scope in Scope if scope in key.scopes)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _holds(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {_day(key.revoked_at)}"
    if not key.expires_at:
        return "for ever"
    return f"{'until' if key.holds(datetime.now(UTC)) else 'expired'} {_day(key.expires_at)}"
