"""Objects that can send requests."""

from typing import TypeVar

from naivenet_client._async.http import AsyncHttp
from naivenet_client.connection import Request


class AsyncBound:
    """An object from a response, which can send further requests to the service that it came from."""

    @property
    def _http(self) -> AsyncHttp:
        try:
            http: AsyncHttp = self.__dict__["http"]
        except KeyError:
            raise RuntimeError(f"This copy of {self!r} has no client; read it again by its id or name.") from None
        return http


Kind = TypeVar("Kind", bound=AsyncBound)


def bind(item: Kind, http: AsyncHttp) -> Kind:
    """Let an object send its requests with *http*, and return it."""
    item.__dict__["http"] = http
    return item


async def fetch_bound(http: AsyncHttp, kind: type[Kind], request: Request) -> Kind:
    """Send a request, and return its response as an object that can send further ones."""
    return bind(await http.fetch(kind, request), http)
