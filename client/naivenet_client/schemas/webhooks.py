"""Webhooks, their deliveries, and the events that they receive."""

from datetime import datetime
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

from naivenet_client.schemas.jobs import Failure, Result

JobEvent: TypeAlias = Literal["job.succeeded", "job.failed", "job.cancelled", "job.epoch"]
DeliveryState: TypeAlias = Literal["waiting", "sending", "delivered", "failed"]


class WebhookData(Struct, kw_only=True):
    """A registered webhook. Only a new one has its *secret*: the service shows it once."""

    id: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    job_id: str | None = None
    group: str | None = None
    enabled: bool = True
    secret: str | None = None


class Delivery(Struct, frozen=True, kw_only=True):
    """A message to a webhook, and the state of its delivery: waiting, sending, delivered or failed."""

    id: str
    webhook_id: str
    type: str
    state: str
    created_at: datetime
    payload: dict[str, Any] = field(default_factory=dict)
    attempts: int = 0
    next_attempt_at: datetime | None = None
    ended_at: datetime | None = None
    last_error: str | None = None


class WebhookJob(Struct, frozen=True, kw_only=True):
    """The job in a message to a webhook; a ``job.epoch`` has its metrics in `WebhookEvent.data` only.

    Attributes:
        event_number: The number of the same event in the job's log; 0 from a service before 0.2.
        event: Its old name.
    """

    job_id: str = ""
    name: str | None = None
    group: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    status: str = ""
    attempt: int = 0
    event_number: int = 0
    event: int = 0
    result: Result | None = None
    error: Failure | None = None


class WebhookEvent(Struct, frozen=True, kw_only=True):
    """A message that a webhook received.

    Attributes:
        id: The same for every attempt of its delivery: remember it, in order to process it once.
        type: ``job.succeeded``, for example.
        timestamp: When it happened.
        job: The job.
        data: All fields, as the service sent them.
    """

    id: str
    type: str
    timestamp: datetime
    job: WebhookJob
    data: dict[str, Any]
