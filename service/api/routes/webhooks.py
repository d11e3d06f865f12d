"""Webhooks: register URLs that receive the events of jobs, and inspect the deliveries."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import ServicesDep
from service.api.http.body import body_of
from service.api.http.openapi import documented
from service.api.http.query import cursor
from service.api.idempotency import JsonKey, PathKey
from service.api.schemas.common import Page
from service.api.schemas.webhooks import DeliveryOut, NewWebhookOut, WebhookOut
from service.domain.key import Scope
from service.domain.webhook import NewWebhook
from service.errors import not_found_at
from service.webhooks.urls import check_public

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=GatedRoute)


def _new(new: Annotated[NewWebhook, Depends(body_of(NewWebhook))], services: ServicesDep) -> NewWebhook:
    if not services.settings.webhook_private_addresses:
        check_public(new.url)
    return new


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    openapi_extra=documented(NewWebhook, url="https://example.com/hook", events=["job.succeeded", "job.epoch"]),
)
@requires(Scope.ADMIN)
def add_webhook(
    response: Response, new: Annotated[NewWebhook, Depends(_new)], services: ServicesDep, key: JsonKey
) -> NewWebhookOut:
    """Register a webhook. The response contains its secret, which is never shown again."""
    with not_found_at("/job_id"):
        webhook, secret = services.webhooks.add(new, key)
    response.headers["Location"] = f"/v1/webhooks/{webhook.id}"
    return NewWebhookOut(**vars(webhook), secret=secret)


@router.get("")
@requires(Scope.ADMIN)
def list_webhooks(services: ServicesDep) -> dict[str, list[WebhookOut]]:
    """List all webhooks, newest first."""
    return {"data": [WebhookOut(**vars(webhook)) for webhook in services.webhooks.all()]}


@router.get("/{webhook_id}")
@requires(Scope.ADMIN)
def get_webhook(webhook_id: str, services: ServicesDep) -> WebhookOut:
    """Return one webhook."""
    return WebhookOut(**vars(services.webhooks.get(webhook_id)))


@router.delete("/{webhook_id}", status_code=HTTPStatus.NO_CONTENT)
@requires(Scope.ADMIN)
def delete_webhook(webhook_id: str, services: ServicesDep) -> None:
    """Delete a webhook and its pending deliveries."""
    services.webhooks.remove(webhook_id)


@router.post("/{webhook_id}/test", status_code=HTTPStatus.ACCEPTED)
@requires(Scope.ADMIN)
def test_webhook(webhook_id: str, response: Response, services: ServicesDep, key: PathKey) -> DeliveryOut:
    """Send the event `webhook.test` to a webhook. The returned delivery shows the result."""
    delivery = services.webhooks.test(webhook_id, key)
    response.headers["Location"] = f"/v1/webhooks/{webhook_id}/deliveries/{delivery.id}"
    return DeliveryOut(**vars(delivery))


@router.get("/{webhook_id}/deliveries")
@requires(Scope.ADMIN)
def list_deliveries(
    webhook_id: str,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=100, description="The largest number of deliveries to return.")] = 20,
    after: Annotated[
        str | None, AfterValidator(cursor("msg")), Query(description="The last id of the previous page.")
    ] = None,
) -> Page[DeliveryOut]:
    """List the deliveries of a webhook, newest first."""
    found, has_more = services.webhooks.deliveries(webhook_id, limit=limit, after=after)
    return Page(data=[DeliveryOut(**vars(each)) for each in found], has_more=has_more)


@router.get("/{webhook_id}/deliveries/{delivery_id}")
@requires(Scope.ADMIN)
def get_delivery(webhook_id: str, delivery_id: str, services: ServicesDep) -> DeliveryOut:
    """Return one delivery."""
    return DeliveryOut(**vars(services.webhooks.delivery(webhook_id, delivery_id)))
