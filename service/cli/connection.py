"""How commands reach a service."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.client import Client

Url = Annotated[str, typer.Option(envvar="NAIVENET_URL", help="Where the service is.")]


def connect(url: str) -> "Client":
    """A client of the service at *url*."""
    from service.client import Client  # noqa: PLC0415  # 0.1 s of httpx that `serve` must not pay at its start

    return Client(url)
