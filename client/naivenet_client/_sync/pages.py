# Generated from _async by `make client-sync`: change it there.
"""Lists that load their pages while they are iterated over."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from msgspec.structs import replace

from naivenet_client._sync.bound import Bound, bind
from naivenet_client._sync.http import Http
from naivenet_client.connection import Request
from naivenet_client.schemas.common import Page

#: How many items one request reads at most: the service's limit.
PAGE_SIZE = 100

Item = TypeVar("Item")


class Pages(Generic[Item]):
    """A list in the service; every iteration reads it again, a page at a time.

    Args:
        http: Sends the requests.
        kind: The class of the items.
        request: Reads the list.
        limit: The largest number of items; None for all.
    """

    def __init__(self, http: Http, kind: type[Item], request: Request, *, limit: int | None) -> None:
        self._http, self._kind, self._request, self._limit = http, kind, request, limit

    def __iter__(self) -> Iterator[Item]:
        """Yield the items."""
        left, after = self._limit, self._request.params.get("after")
        while left is None or left > 0:
            size = PAGE_SIZE if left is None else min(PAGE_SIZE, left)
            params = {**self._request.params, "limit": size, "after": after}
            page = self._http.fetch(Page[self._kind], replace(self._request, params=params))  # type: ignore[name-defined]  # a type at run time
            for item in page.data:
                if isinstance(item, Bound):
                    bind(item, self._http)
                yield item
            if not page.has_more or not page.data:
                return
            left = None if left is None else left - len(page.data)
            after = page.next_after or page.data[-1].id  # a service before 0.2 has no `next_after`

    def __repr__(self) -> str:
        """Return a short text."""
        return f"<{self._request.path}: iterate over it, or call all()>"

    def all(self) -> "list[Item]":
        """Return all items as a list."""
        return [item for item in self]
