"""Lists: the order of their items, a page of them, and when the items were created."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeVar

from service.errors import InvalidInput

T = TypeVar("T")

#: The sort key of every list whose ids sort by the time of their creation.
CREATED_AT = "created_at"

#: The time of what has not happened, for sorting.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Which page of a list, in which order.

    Attributes:
        limit: The largest number of items; None for all.
        after: The page begins behind the item with this id.
        before: The page ends ahead of the item with this id; at most one of both is given.
        sort: The key by which the list is sorted; equal items are sorted by their ids.
        descending: Whether the largest comes first, such as the newest.
    """

    limit: int | None = None
    after: str | None = None
    before: str | None = None
    sort: str = CREATED_AT
    descending: bool = True

    @property
    def cursor(self) -> str | None:
        """The id at which the page begins or ends; None for the first page."""
        return self.after or self.before

    @property
    def goes_down(self) -> bool:
        """Whether the page is read from larger items to smaller ones, beginning at its cursor."""
        return self.descending != bool(self.before)

    def cut(self, found: Sequence[T]) -> tuple[list[T], bool]:
        """Return the page, and whether there are more, of the items that were *found* from the cursor on."""
        shown = list(found if self.limit is None else found[: self.limit])
        return shown[::-1] if self.before else shown, len(shown) < len(found)

    def gone(self) -> InvalidInput:
        """Return the error for a cursor whose item, and with it its place in the order, does not exist."""
        message = f"{self.cursor!r} is not in this list (any more); read the list again from its first page."
        return InvalidInput.at("query/after" if self.after else "query/before", message, "gone")


@dataclass(frozen=True, kw_only=True)
class Period:
    """When the items of a list were created; None for no limit. The ends are not within it."""

    after: datetime | None = None
    before: datetime | None = None

    def __bool__(self) -> bool:
        """Return whether it excludes anything."""
        return self.after is not None or self.before is not None

    def contains(self, moment: datetime) -> bool:
        """Return whether the moment lies within it."""
        return (self.after is None or moment > self.after) and (self.before is None or moment < self.before)


#: The period without a limit.
ALWAYS = Period()


def page_of(
    items: Iterable[T],
    listing: Listing,
    *,
    id_of: Callable[[T], Any],
    read_id: Callable[[str], Any] = str,
    keys: Mapping[str, Callable[[T], Any]] = MappingProxyType({}),
) -> tuple[list[T], bool]:
    """Return a page of a list that is in memory, and whether there are more.

    Args:
        items: The whole list.
        listing: The order, and the page.
        id_of: Returns an item's id, the list's usual order.
        read_id: Returns the id that a cursor names.
        keys: What other sort keys compare; no two items have the same value.

    Raises:
        InvalidInput: The list has another order, and no item has the id of the cursor.
    """
    key = keys.get(listing.sort, id_of)
    found = sorted(items, key=key, reverse=listing.goes_down)
    if listing.cursor:
        place = read_id(listing.cursor)
        if listing.sort in keys:
            place = next((key(each) for each in found if id_of(each) == place), None)
            if place is None:
                raise listing.gone()
        found = [each for each in found if (key(each) < place if listing.goes_down else key(each) > place)]
    return listing.cut(found)
