"""How webhooks and their deliveries look on the wire."""

from datetime import datetime
from typing import Any

from pydantic import Field

from service.api.schemas.resources import JOB_ID, Wire
from service.domain.webhook import DeliveryState, WebhookEvent

WEBHOOK_ID = "hook_01m84c1jy4e3jte4zp0b6x0m5n"


class WebhookOut(Wire):
    """Where what is told; without the secret."""

    id: str = Field(examples=[WEBHOOK_ID])
    url: str = Field(examples=["https://example.com/hook"])
    events: list[WebhookEvent]
    job_id: str | None
    group: str | None
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """A webhook, with the secret that its deliveries are signed with."""

    secret: str = Field(description="Shown here and never again.", examples=["whsec_…"])


class DeliveryOut(Wire):
    """Something that a webhook is told, and what became of it."""

    id: str = Field(description="The `webhook-id` of every attempt.", examples=["msg_01m84c1jy4e3jte4zp0e9q3w7a"])
    webhook_id: str = Field(examples=[WEBHOOK_ID])
    type: WebhookEvent
    payload: dict[str, Any] = Field(examples=[{"type": "job.succeeded", "data": {"job_id": JOB_ID}}])
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None = Field(description="Null once it has ended.")
    ended_at: datetime | None
    last_error: str | None = Field(examples=["the receiver answered 500"])
