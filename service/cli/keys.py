"""``naivenet keys``: creates, lists and revokes API keys, in the database that the settings name."""

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

app = typer.Typer(
    help="Create, list and revoke API keys, in the database that the settings name.", no_args_is_help=True
)

#: The default scopes: enough to train and to predict.
DEFAULT_SCOPES = [Scope.READ, Scope.PREDICT, Scope.TRAIN]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The owner or purpose of the key.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="A scope of the key; give the option once for each scope.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="The number of days until the key expires; by default never.")
    ] = None,
) -> None:
    """Create an API key and print it on standard output. It is shown only once: the service stores its hash.

    Without `--scope` it may read, predict and train.
    """
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    with _store() as keys:
        key, text = keys.create(name, scope or DEFAULT_SCOPES, expires_at=expires_at)
    typer.echo(f"{key.id} for {name}: {_scopes(key)}. Copy the key now, it is not shown again:", err=True)
    typer.echo(text)


@app.command("list")
def list_keys() -> None:
    """List all API keys, newest first, with their scopes, last use and validity."""
    with _store() as keys:
        rows = [_row(key) for key in keys.all()]
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table("id", "name", "scopes", "created", "last used", "valid", box=None)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@app.command()
def revoke(
    named: Annotated[str, typer.Argument(metavar="KEY", help="The id of a key, or a name: all keys of that name.")],
) -> None:
    """Revoke API keys, for ever. The service refuses them after a moment."""
    with _store() as keys:
        for key in keys.revoke(named):
            typer.echo(f"{key.id} for {key.name}: revoked")


@contextlib.contextmanager
def _store() -> Iterator[KeyStore]:
    from service.composition import compose  # noqa: PLC0415  # the other commands do not need a database

    with contextlib.closing(compose(load_settings())) as services:
        yield services.keys


def _row(key: Key) -> tuple[str, ...]:
    return key.id, key.name, _scopes(key), _day(key.created_at), _day(key.last_used_at), _validity(key)


def _scopes(key: Key) -> str:
    return " ".join(scope for scope in Scope if scope in key.scopes)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _validity(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {_day(key.revoked_at)}"
    if not key.expires_at:
        return "for ever"
    return f"{'until' if key.holds(datetime.now(UTC)) else 'expired'} {_day(key.expires_at)}"
