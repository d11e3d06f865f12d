"""``naivenet keys``: creates, lists and revokes API keys, in the database that the settings name."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from service.cli import output
from service.domain.key import Key, Scope
from service.settings import load_settings
from service.store.operations.keys import KeyStore

app = typer.Typer(
    help="Create, list and revoke API keys, in the database that the settings name.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

#: The default scopes: enough to train and to predict.
DEFAULT_SCOPES = [Scope.READ, Scope.PREDICT, Scope.TRAIN]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The owner or purpose of the key.")],
    *,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="A scope of the key; give the option once for each scope.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="The number of days until the key expires; by default never.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create an API key and print it on standard output. It is shown only once: the service stores its hash.

    Without `--scope` it may read, predict and train.
    """
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    with _store() as keys:
        key, text = keys.create(name, scope or DEFAULT_SCOPES, expires_at=expires_at)
    if as_json:
        output.print_json({**_json(key), "key": text})
        return
    typer.echo(f"{key.id} for {name}: {_scopes(key)}. Copy the key now, it is not shown again:", err=True)
    typer.echo(text)


@app.command("list")
def list_keys(*, as_json: AsJson = False) -> None:
    """List all API keys, newest first, with their scopes, last use and validity."""
    with _store() as keys:
        found = keys.all()
    if as_json:
        output.print_json([_json(key) for key in found])
    else:
        output.print_table(("id", "name", "scopes", "created", "last used", "valid"), map(_row, found))


@app.command()
def revoke(
    named: Annotated[str, typer.Argument(metavar="KEY", help="The id of a key, or a name: all keys of that name.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke API keys, for ever. The service refuses them after a moment."""
    with _store() as keys:
        revoked = keys.revoke(named)
    if as_json:
        output.print_json([_json(key) for key in revoked])
        return
    for key in revoked:
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


def _json(key: Key) -> dict[str, Any]:
    fields = {**asdict(key), "scopes": sorted(key.scopes)}
    return {name: value for name, value in fields.items() if name != "digest"}


def _day(moment: datetime | None) -> str:
    return output.text(moment) or "never"


def _validity(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {_day(key.revoked_at)}"
    if not key.expires_at:
        return "for ever"
    return f"{'until' if key.holds(datetime.now(UTC)) else 'expired'} {_day(key.expires_at)}"
