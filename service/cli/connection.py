"""Options of the commands that connect to a service."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.client import Client

Url = Annotated[str, typer.Option(envvar="NAIVENET_URL", help="The URL of the service.")]
ApiKey = Annotated[
    str | None,
    typer.Option("--key", envvar="NAIVENET_KEY", show_envvar=True, help="The API key, if the service requires one."),
]


def connect(url: str, key: str | None) -> "Client":
    """Return a client of the service at *url* with the API key *key*."""
    from service.client import Client  # noqa: PLC0415  # importing httpx2 takes 0.1 s, which `serve` must not spend at its start

    return Client(url, key=key)
