"""The parameters that lists have in common."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from naivenet_client.schemas.jobs import Status


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


class JobFilter(TypedDict, total=False):
    """Which jobs: all fields have to match.

    Attributes:
        ids: Jobs with any of these ids.
        status: Jobs with this status, or with one of several.
        group: Jobs of this group.
        experiment: Jobs of the experiment with this id.
        metadata: Jobs with these labels.
        created_after: Jobs that were created after this time.
        created_before: Jobs that were created before it.
    """

    ids: Sequence[str] | None
    status: Status | Sequence[Status] | None
    group: str | None
    experiment: str | None
    metadata: Mapping[str, str] | None
    created_after: datetime | str | None
    created_before: datetime | str | None


def filter_params(matching: JobFilter) -> dict[str, Any]:
    """Return the filter as parameters of a query."""
    labels = {f"metadata[{name}]": value for name, value in (matching.get("metadata") or {}).items()}
    plain = {name: _text(each) for name, each in matching.items() if name not in {"ids", "metadata"}}
    return labels | plain | {"id": _joined(matching.get("ids"))}


def list_params(options: ListOptions) -> dict[str, Any]:
    """Return the options as parameters of a query."""
    return {name: _text(each) for name, each in options.items()}


def _joined(ids: Sequence[str] | None) -> str | None:
    return None if ids is None else ",".join(ids)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
