"""Webhooks and their deliveries in responses."""

from datetime import datetime
from typing import Any

from pydantic import Field

from service.api.schemas.common import JOB_ID, Wire
from service.domain.webhook import DeliveryState, WebhookEvent

WEBHOOK_ID = "hook_01m84c1jy4e3jte4zp0b6x0m5n"


class WebhookOut(Wire):
    """A registered webhook, without its secret."""

    id: str = Field(examples=[WEBHOOK_ID])
    url: str = Field(examples=["https://example.com/hook"])
    events: list[WebhookEvent]
    job_id: str | None
    group: str | None
    enabled: bool = Field(description="Whether events are enqueued and sent.")
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """A new webhook, with the secret that signs its deliveries."""

    secret: str = Field(description="Shown only in this response.", examples=["whsec_…"])


class DeliveryOut(Wire):
    """A message to a webhook, and the state of its delivery."""

    id: str = Field(
        description="The `webhook-id` header of every attempt.", examples=["msg_01m84c1jy4e3jte4zp0e9q3w7a"]
    )
    webhook_id: str = Field(examples=[WEBHOOK_ID])
    type: WebhookEvent
    payload: dict[str, Any] = Field(examples=[{"type": "job.succeeded", "data": {"job_id": JOB_ID}}])
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None = Field(description="Null after the last attempt.")
    ended_at: datetime | None
    last_error: str | None = Field(examples=["the receiver answered 500"])
