"""Lists in responses."""

from typing import Generic, TypeVar

from msgspec import Struct

Item = TypeVar("Item")


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    """One page of a list."""

    data: tuple[Item, ...]
    has_more: bool = False
    next_after: str | None = None
