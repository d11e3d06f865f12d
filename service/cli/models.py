"""``naivenet models``: list and show models, add versions, and point aliases at them."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import output
from service.cli.connection import Service, calls_service

if TYPE_CHECKING:
    from naivenet_client import Model

app = typer.Typer(help="List models, add versions, and set their aliases.", no_args_is_help=True)
aliases = typer.Typer(help="Set or remove an alias of a model.", no_args_is_help=True)
app.add_typer(aliases, name="alias")

Name = Annotated[str, typer.Argument(metavar="MODEL", help="The model, such as `digits`.")]
AliasName = Annotated[str, typer.Argument(metavar="ALIAS", help="The alias; `live` answers predictions.")]
IfMatch = Annotated[
    str | None,
    typer.Option(help="The alias's etag: nothing changes if another client has changed the alias since."),
]


@app.command("list")
@calls_service
def list_models(service: Service) -> None:
    """List all models with their aliases."""
    with service.connect() as client:
        service.print_list(client.models.list(), ("name", "versions", "aliases"), _row)


@app.command()
@calls_service
def show(service: Service, name: Name = "digits") -> None:
    """Show the versions of a model: as a table on a terminal, otherwise as JSON."""
    with service.connect() as client:
        model = client.models.get(name)
    if service.as_json or not output.is_terminal():
        service.print_json()
        return
    rows = (
        (
            each.version,
            each.checkpoint_id,
            output.origin(job_id=each.job_id, shipped=each.shipped),
            each.test_accuracy,
            each.created_at,
            _aliases(model, each.version),
        )
        for each in model.versions
    )
    output.print_table(("version", "checkpoint", "from", "accuracy", "created", "aliases"), rows)


@app.command()
@calls_service
def add_version(
    service: Service,
    name: Name,
    checkpoint_id: Annotated[str, typer.Argument(metavar="CHECKPOINT", help="The checkpoint's id, ckpt_...")],
) -> None:
    """Make a checkpoint the next version of a model, and print its number."""
    with service.connect() as client:
        service.print_result(str(client.models.add_version(name, checkpoint_id).version))


@app.command()
@calls_service
def delete_version(
    service: Service,
    name: Name,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="The number of the version.")],
) -> None:
    """Delete a version that no alias points at. Its checkpoint stays."""
    with service.connect() as client:
        client.models.delete_version(name, version)
    if service.as_json:
        output.print_json({"model": name, "version": version, "deleted": True})


@app.command()
@calls_service
def delete(service: Service, name: Name) -> None:
    """Delete a model with its versions, unless a client has set an alias of it."""
    with service.connect() as client:
        client.models.delete(name)
    if service.as_json:
        output.print_json({"model": name, "deleted": True})


@aliases.command("set")
@calls_service
def set_alias(
    service: Service,
    name: Name,
    alias: AliasName,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="The version to point at.")],
    *,
    if_match: IfMatch = None,
) -> None:
    """Point an alias at a version, and keep it there."""
    with service.connect() as client:
        found = client.models.set_alias(name, alias, version, if_match=_quoted(if_match))
        service.print_result(f"{name}: {found.alias} is version {found.version}")


@aliases.command("remove")
@calls_service
def remove_alias(service: Service, name: Name, alias: AliasName, *, if_match: IfMatch = None) -> None:
    """Remove an alias. `live` then follows the best test accuracy again."""
    with service.connect() as client:
        client.models.delete_alias(name, alias, if_match=_quoted(if_match))
    if service.as_json:
        output.print_json({"model": name, "alias": alias, "deleted": True})


def _row(model: "Model") -> tuple[object, ...]:
    return model.name, len(model.versions), ", ".join(f"{each.alias}: {each.version}" for each in model.aliases)


def _aliases(model: "Model", version: int) -> str:
    return ", ".join(each.alias for each in model.aliases if each.version == version)


def _quoted(etag: str | None) -> str | None:
    """Return an etag in its quotes, which a shell removes."""
    return None if etag is None else '"{}"'.format(etag.strip('"'))
