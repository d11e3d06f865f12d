"""How commands reach a service."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.client import Client

Url = Annotated[str, typer.Option(envvar="NAIVENET_URL", help="Where the service is.")]
ApiKey = Annotated[
    str | None, typer.Option("--key", envvar="NAIVENET_KEY", show_envvar=True, help="The key, where one is asked for.")
]


def connect(url: str, key: str | None) -> "Client":
    """A client of the service at *url*, which asks with *key*."""
    from service.client import Client  # noqa: PLC0415  # 0.1 s of httpx that `serve` must not pay at its start

    return Client(url, key=key)
