"""The parameters that lists have in common."""

from datetime import datetime
from typing import Any, Literal, TypedDict


class ListOptions(TypedDict, total=False):
    """The order of a list, and where it begins.

    Attributes:
        sort: The key that it is sorted by: ``created_at``, or for jobs and checkpoints also ``test_accuracy``.
        order: ``desc``, the default: the largest first, such as the newest; or ``asc``.
        created_after: Only what was created after this time.
        created_before: Only what was created before it.
        after: The list begins behind the item with this id.
    """

    sort: str | None
    order: Literal["asc", "desc"] | None
    created_after: datetime | str | None
    created_before: datetime | str | None
    after: str | None


def list_params(options: ListOptions) -> dict[str, Any]:
    """Return the options as parameters of a query."""
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in options.items()}
