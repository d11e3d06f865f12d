"""``naivenet keys``: creates, lists, changes and revokes API keys, in the database that the settings name."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli import output
from service.domain.key import Key, Scope
from service.domain.quotas import Allowance, Usage
from service.settings import load_settings

if TYPE_CHECKING:
    from service.store.operations.keys import KeyStore

app = typer.Typer(
    help="Create, list, change and revoke API keys, in the database that the settings name.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Weight = Annotated[
    float | None,
    typer.Option(min=0.01, max=100.0, help="Its weight in the queue: with 2 a key gets twice the share of others."),
]
JobsPerDay = Annotated[
    int | None, typer.Option(min=0, help="How many jobs it may create on a day, in UTC; by default any number.")
]
CoreMinutesPerDay = Annotated[
    float | None,
    typer.Option(min=0.0, help="After how many core minutes of its jobs it may create no more on that day."),
]

#: The columns of the list.
HEADER = ("id", "name", "scopes", "created", "last used", "valid", "weight", "jobs today", "core minutes today")

#: The fields of an `Allowance` that are quotas.
QUOTAS = ("jobs_per_day", "core_minutes_per_day")

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
    weight: Weight = None,
    jobs_per_day: JobsPerDay = None,
    core_minutes_per_day: CoreMinutesPerDay = None,
    as_json: AsJson = False,
) -> None:
    """Create an API key and print it on standard output. It is shown only once: the service stores its hash.

    Without `--scope` it may read, predict and train.
    """
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    allowance = Allowance(weight=weight or 1.0, jobs_per_day=jobs_per_day, core_minutes_per_day=core_minutes_per_day)
    with _store() as keys:
        key, text = keys.create(name, scope or DEFAULT_SCOPES, expires_at=expires_at, allowance=allowance)
    if as_json:
        output.print_json({**_json(key), "key": text})
        return
    typer.echo(f"{key.id} for {name}: {_scopes(key)}. Copy the key now, it is not shown again:", err=True)
    typer.echo(text)


@app.command("list")
def list_keys(*, as_json: AsJson = False) -> None:
    """List all API keys, newest first, with their scopes, last use, validity, weight and what they have used today."""
    with _store() as keys:
        used = keys.used_today()
        found = [(key, used.get(key.id, Usage())) for key in keys.all()]
    if as_json:
        output.print_json([_json(key) | {"used_today": _used(today)} for key, today in found])
    else:
        output.print_table(HEADER, (_row(key, today) for key, today in found))


@app.command("set")
def set_allowance(
    named: Annotated[str, typer.Argument(metavar="KEY", help="The id of a key, or a name: all keys of that name.")],
    *,
    weight: Weight = None,
    jobs_per_day: JobsPerDay = None,
    core_minutes_per_day: CoreMinutesPerDay = None,
    unlimited: Annotated[
        bool, typer.Option("--unlimited", help="Remove both quotas, except one that is given beside this.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Change the weight and the daily quotas of API keys. They hold from the next job on."""
    given = {"weight": weight, "jobs_per_day": jobs_per_day, "core_minutes_per_day": core_minutes_per_day}
    changes: dict[str, float | None] = dict.fromkeys(QUOTAS) if unlimited else {}
    changes |= {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise typer.BadParameter("give --weight, --jobs-per-day, --core-minutes-per-day or --unlimited")
    with _store() as keys:
        changed = keys.allow(named, changes)
    if as_json:
        output.print_json([_json(key) for key in changed])
        return
    for key in changed:
        typer.echo(f"{key.id} for {key.name}: {_allowance(key.allowance)}")


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
def _store() -> Iterator["KeyStore"]:
    from service.composition import compose  # noqa: PLC0415  # the other commands do not need a database

    with contextlib.closing(compose(load_settings())) as services:
        yield services.keys


def _row(key: Key, used: Usage) -> tuple[str, ...]:
    known = key.id, key.name, _scopes(key), _day(key.created_at), _day(key.last_used_at), _validity(key)
    allowance, minutes = key.allowance, f"{used.core_minutes:.1f}"
    jobs_today = _of(str(used.jobs), allowance.jobs_per_day)
    return *known, f"{allowance.weight:g}", jobs_today, _of(minutes, allowance.core_minutes_per_day)


def _of(used: str, quota: float | None) -> str:
    return used if quota is None else f"{used} of {quota:g}"


def _allowance(allowance: Allowance) -> str:
    jobs, minutes = (_limit(each) for each in (allowance.jobs_per_day, allowance.core_minutes_per_day))
    return f"weight {allowance.weight:g}, {jobs} jobs and {minutes} core minutes a day"


def _limit(quota: float | None) -> str:
    return "unlimited" if quota is None else f"{quota:g}"


def _used(used: Usage) -> dict[str, float]:
    return {"jobs": used.jobs, "core_minutes": round(used.core_minutes, 2)}


def _scopes(key: Key) -> str:
    return " ".join(scope for scope in Scope if scope in key.scopes)


def _json(key: Key) -> dict[str, Any]:
    fields = {**asdict(key), **asdict(key.allowance), "scopes": sorted(key.scopes)}
    return {name: value for name, value in fields.items() if name not in {"digest", "allowance"}}


def _day(moment: datetime | None) -> str:
    return output.text(moment) or "never"


def _validity(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {_day(key.revoked_at)}"
    if not key.expires_at:
        return "for ever"
    return f"{'until' if key.holds(datetime.now(UTC)) else 'expired'} {_day(key.expires_at)}"
