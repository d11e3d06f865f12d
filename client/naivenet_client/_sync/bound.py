# Generated from _async by `make client-sync`: change it there.
"""Objects that can send requests."""

from typing import TypeVar

from naivenet_client._sync.http import Http
from naivenet_client.connection import Request


class Bound:
    """An object from a response, which can send further requests to the service that it came from."""

    @property
    def _http(self) -> Http:
        try:
            http: Http = self.__dict__["http"]
        except KeyError:
            raise RuntimeError(f"This copy of {self!r} has no client; read it again by its id or name.") from None
        return http


Kind = TypeVar("Kind", bound=Bound)


def bind(item: Kind, http: Http) -> Kind:
    """Let an object send its requests with *http*, and return it."""
    item.__dict__["http"] = http
    return item


def fetch_bound(http: Http, kind: type[Kind], request: Request) -> Kind:
    """Send a request, and return its response as an object that can send further ones."""
    return bind(http.fetch(kind, request), http)
