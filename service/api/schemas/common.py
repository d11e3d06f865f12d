"""What all resources share: the base class of responses, pages of a list, and example ids."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

T = TypeVar("T")

JOB_ID = "job_01m84c1jy4e3jte4zp011kt9e9"
CHECKPOINT_ID = "ckpt_01m84c1jy4e3jte4zp04mmcpfc"


#: Marks a field that has a better name (docs/reference/versions.md); the old one goes on working.
DEPRECATED: dict[str, JsonValue] = {"deprecated": True}


class Wire(BaseModel):
    """A part of a response, with all its fields. Numbers that are not finite become null.

    Pydantic builds it at its first use, as it does all bodies of requests: a start that builds them all takes longer.
    """

    model_config = ConfigDict(
        frozen=True, ser_json_inf_nan="null", json_schema_serialization_defaults_required=True, defer_build=True
    )


class Page(Wire, Generic[T]):
    """One page of a list. For the next page, set `after` to `next_after`."""

    data: Sequence[T]
    has_more: bool = Field(description="Whether the list goes on: behind this page, or with `before` ahead of it.")
    next_after: str | None = Field(
        description="The value for `after` in the next request: the last id, or null for an empty page.",
        examples=[JOB_ID],
    )

    @classmethod
    def of(cls, found: Sequence[T], *, has_more: bool, name: Callable[[T], Any] = attrgetter("id")) -> "Page[T]":
        """Return a page of a list; *name* returns what a cursor calls an item."""
        return cls.model_construct(data=found, has_more=has_more, next_after=str(name(found[-1])) if found else None)
