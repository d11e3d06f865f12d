"""Webhooks: URLs that receive the events of jobs."""

from collections.abc import Sequence
from typing import Unpack

from naivenet_client._async.bound import AsyncBound, bind, fetch_bound
from naivenet_client._async.http import AsyncHttp
from naivenet_client._async.pages import AsyncPages
from naivenet_client.connection import Request, segment
from naivenet_client.lists import ListOptions, list_params
from naivenet_client.schemas.common import Page
from naivenet_client.schemas.webhooks import Delivery, DeliveryState, JobEvent, WebhookData


class AsyncWebhook(AsyncBound, WebhookData, kw_only=True, dict=True):
    """A registered webhook. Only a new one has its `secret`."""

    async def test(self) -> Delivery:
        """Send the event ``webhook.test``, and return its delivery, which is still waiting."""
        request = Request(method="POST", path=f"/v1/webhooks/{self.id}/test")
        return await self._http.fetch(Delivery, request)

    def deliveries(
        self,
        *,
        state: DeliveryState | Sequence[DeliveryState] | None = None,
        limit: int | None = None,
        **options: Unpack[ListOptions],
    ) -> AsyncPages[Delivery]:
        """Return the deliveries, newest first, or only those in a *state*; iterating loads page after page."""
        params = {"state": state, **list_params(options)}
        request = Request(method="GET", path=f"/v1/webhooks/{self.id}/deliveries", params=params)
        return AsyncPages(self._http, Delivery, request, limit=limit)

    async def delivery(self, delivery_id: str) -> Delivery:
        """Return one delivery."""
        request = Request(method="GET", path=f"/v1/webhooks/{self.id}/deliveries/{segment(delivery_id)}")
        return await self._http.fetch(Delivery, request)

    async def redeliver(self, delivery: Delivery | str) -> Delivery:
        """Send a delivery once more, with the same id and payload; return it, which is still waiting."""
        delivery_id = delivery if isinstance(delivery, str) else delivery.id
        path = f"/v1/webhooks/{self.id}/deliveries/{segment(delivery_id)}/redeliver"
        return await self._http.fetch(Delivery, Request(method="POST", path=path))

    async def update(
        self,
        *,
        url: str | None = None,
        events: Sequence[JobEvent] | None = None,
        enabled: bool | None = None,
        secret: str | None = None,
    ) -> "AsyncWebhook":
        """Change the webhook, and return it; what is not given stays as it is.

        Args:
            url: The URL that receives further attempts.
            events: The events to receive.
            enabled: While false, no event is enqueued, and deliveries wait.
            secret: The secret that signs further attempts.
        """
        fields = {"url": url, "events": events, "enabled": enabled, "secret": secret}
        body = {name: value for name, value in fields.items() if value is not None}
        request = Request(method="PATCH", path=f"/v1/webhooks/{self.id}", json=body)
        found = await fetch_bound(self._http, AsyncWebhook, request)
        self.url, self.events, self.enabled = found.url, found.events, found.enabled
        return self

    async def delete(self) -> None:
        """Delete the webhook with its pending deliveries."""
        await self._http.send(Request(method="DELETE", path=f"/v1/webhooks/{self.id}"))

    def __repr__(self) -> str:
        """Return a short text, without the secret."""
        return f"Webhook({self.id}, {self.url})"


class AsyncWebhooks:
    """The webhooks of the service."""

    def __init__(self, http: AsyncHttp) -> None:
        self._http = http

    async def create(
        self,
        url: str,
        *,
        events: Sequence[JobEvent] | None = None,
        job_id: str | None = None,
        group: str | None = None,
        secret: str | None = None,
    ) -> AsyncWebhook:
        """Register a webhook, and return it with its secret, which is never shown again.

        Args:
            url: The URL that receives the events.
            events: The events; the ends of jobs if they are not given.
            job_id: Only the events of this job.
            group: Only the events of this group's jobs.
            secret: The secret that signs the deliveries; the service draws one if it is not given.
        """
        fields = {"url": url, "events": events, "job_id": job_id, "group": group, "secret": secret}
        body = {name: value for name, value in fields.items() if value is not None}
        request = Request(method="POST", path="/v1/webhooks", json=body)
        return await fetch_bound(self._http, AsyncWebhook, request)

    async def get(self, webhook_id: str) -> AsyncWebhook:
        """Return a webhook."""
        request = Request(method="GET", path=f"/v1/webhooks/{segment(webhook_id)}")
        return await fetch_bound(self._http, AsyncWebhook, request)

    async def list(self) -> Sequence[AsyncWebhook]:
        """Return all webhooks, newest first."""
        found = await self._http.fetch(Page[AsyncWebhook], Request(method="GET", path="/v1/webhooks"))
        return [bind(webhook, self._http) for webhook in found.data]
