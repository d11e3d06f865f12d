"""Webhooks: register URLs that receive the events of jobs, and inspect the deliveries."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BeforeValidator

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import ServicesDep
from service.api.http.body import body_of
from service.api.http.conditional import NOT_MODIFIED, tagged_response
from service.api.http.listing import PeriodDep, listing_of
from service.api.http.openapi import documented
from service.api.http.query import split_at_commas
from service.api.idempotency import JsonKey, PathKey
from service.api.schemas.common import Page
from service.api.schemas.webhooks import DeliveryOut, NewWebhookOut, WebhookOut
from service.domain.key import Scope
from service.domain.listing import Listing
from service.domain.webhook import DeliveryState, NewWebhook, WebhookPatch
from service.errors import not_found_at
from service.webhooks.urls import check_public

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=GatedRoute)


def _new(new: Annotated[NewWebhook, Depends(body_of(NewWebhook))], services: ServicesDep) -> NewWebhook:
    if not services.settings.webhook_private_addresses:
        check_public(new.url)
    return new


def _changed(patch: Annotated[WebhookPatch, Depends(body_of(WebhookPatch))], services: ServicesDep) -> WebhookPatch:
    if patch.url and not services.settings.webhook_private_addresses:
        check_public(patch.url)
    return patch


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


@router.get("", response_model=Page[WebhookOut], responses=NOT_MODIFIED)
@requires(Scope.ADMIN)
def list_webhooks(
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of("hook", limit=None)],
    created: PeriodDep,
) -> Response:
    """List webhooks, newest first; without `limit` all of them."""
    found, has_more = services.webhooks.page(listing, created=created)
    page = Page[WebhookOut].of([WebhookOut(**vars(each)) for each in found], has_more=has_more)
    return tagged_response(request, page)


@router.get("/{webhook_id}")
@requires(Scope.ADMIN)
def get_webhook(webhook_id: str, services: ServicesDep) -> WebhookOut:
    """Return one webhook."""
    return WebhookOut(**vars(services.webhooks.get(webhook_id)))


@router.patch("/{webhook_id}", openapi_extra=documented(WebhookPatch, enabled=False))
@requires(Scope.ADMIN)
def update_webhook(
    webhook_id: str, patch: Annotated[WebhookPatch, Depends(_changed)], services: ServicesDep
) -> WebhookOut:
    """Change a webhook: its URL, events, group or secret, or whether it is enabled."""
    return WebhookOut(**vars(services.webhooks.update(webhook_id, patch)))


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


@router.get("/{webhook_id}/deliveries", response_model=Page[DeliveryOut], responses=NOT_MODIFIED)
@requires(Scope.ADMIN)
def list_deliveries(
    webhook_id: str,
    request: Request,
    services: ServicesDep,
    listing: Annotated[Listing, listing_of("msg")],
    created: PeriodDep,
    state: Annotated[
        list[DeliveryState] | None,
        BeforeValidator(split_at_commas),
        Query(description="Only deliveries in this state, or in one of several, separated by commas."),
    ] = None,
) -> Response:
    """List the deliveries of a webhook, newest first."""
    found, has_more = services.webhooks.deliveries(webhook_id, listing, states=state or (), created=created)
    page = Page[DeliveryOut].of([DeliveryOut(**vars(each)) for each in found], has_more=has_more)
    return tagged_response(request, page)


@router.get("/{webhook_id}/deliveries/{delivery_id}")
@requires(Scope.ADMIN)
def get_delivery(webhook_id: str, delivery_id: str, services: ServicesDep) -> DeliveryOut:
    """Return one delivery."""
    return DeliveryOut(**vars(services.webhooks.delivery(webhook_id, delivery_id)))


@router.post("/{webhook_id}/deliveries/{delivery_id}/redeliver")
@requires(Scope.ADMIN)
def redeliver(webhook_id: str, delivery_id: str, services: ServicesDep) -> DeliveryOut:
    """Send a delivery once more, with the same `webhook-id` and payload, also after its last attempt.

    If this attempt fails, another one follows only while the delivery has not had the usual number of attempts.
    """
    return DeliveryOut(**vars(services.webhooks.redeliver(webhook_id, delivery_id)))
