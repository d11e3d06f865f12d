"""A job's event log in responses."""

from datetime import datetime
from typing import Any

from pydantic import Field

from service.api.schemas.common import Wire
from service.domain.event import EventType
from service.domain.job import Status


class EventOut(Wire):
    """One event of a job's log."""

    number: int = Field(description="From 1, without gaps.", examples=[1])
    type: EventType
    at: datetime
    data: dict[str, Any] = Field(examples=[{"status": "queued", "attempt": 0}])


class EventsOut(Wire):
    """One page of a job's event log."""

    data: list[EventOut]
    has_more: bool
    next_after: int = Field(description="The number to give as `after` in the next request.")
    status: Status
