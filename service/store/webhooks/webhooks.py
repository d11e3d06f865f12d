"""Webhooks as clients see them: registered, listed, tested and removed."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.ids import new_id
from service.domain.listing import ALWAYS, Listing, Period
from service.domain.webhook import (
    Delivery,
    DeliveryState,
    NewWebhook,
    Webhook,
    WebhookEvent,
    WebhookPatch,
    new_secret,
)
from service.errors import Conflict, NotFound
from service.store.database import Database
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.jobs.rows import existing
from service.store.pages import created_in, read_page
from service.store.webhooks.outbox import delivery_row
from service.store.webhooks.tables import DeliveryRow, WebhookRow


class WebhookStore:
    """Webhooks, as the API creates, reads and removes them.

    Args:
        database: The database.
        max_webhooks: How many webhooks may exist.
    """

    def __init__(self, database: Database, *, max_webhooks: int) -> None:
        self._database, self._max_webhooks = database, max_webhooks

    def add(self, new: NewWebhook, key: IdempotencyKey | None = None) -> tuple[Webhook, str]:
        """Register a webhook; return it with its secret, which the API does not show again. A repeated *key* adds none.

        Raises:
            NotFound: There is no job with this id.
            Conflict: The limit on webhooks is reached, or the key was used before, with another body.
        """
        secret = new.secret or new_secret()
        with self._database.write() as session:
            if known := created_before(session, key, lambda webhook_id: session.get(WebhookRow, webhook_id)):
                return _webhook(known), known.secret
            if new.job_id:
                existing(session, new.job_id)
            if (session.scalar(select(func.count()).select_from(WebhookRow)) or 0) >= self._max_webhooks:
                raise Conflict(f"The limit of {self._max_webhooks} webhooks is reached; remove one.")
            row = WebhookRow(
                id=new_id("hook"),
                url=new.url,
                events=list(new.events),
                job_id=new.job_id,
                group=new.group,
                enabled=new.enabled,
                secret=secret,
                created_at=datetime.now(UTC),
            )
            session.add(row)
            remember(session, key, row.id)
            return _webhook(row), secret

    def get(self, webhook_id: str) -> Webhook:
        """Return the webhook.

        Raises:
            NotFound: There is no webhook with this id; the other methods raise it too.
        """
        with self._database.read() as session:
            return _webhook(_existing(session, webhook_id))

    def page(self, listing: Listing, *, created: Period = ALWAYS) -> tuple[list[Webhook], bool]:
        """Return a page of the webhooks, and whether there are more."""
        query = created_in(select(WebhookRow), created, WebhookRow.created_at)
        with self._database.read() as session:
            rows, has_more = read_page(session, query, listing, row_id=WebhookRow.id)
            return [_webhook(row) for row in rows], has_more

    def update(self, webhook_id: str, patch: WebhookPatch) -> Webhook:
        """Change the webhook; further attempts of its deliveries use the new URL and secret."""
        with self._database.write() as session:
            row = _existing(session, webhook_id)
            for name, value in patch.changes().items():
                setattr(row, name, value)
            return _webhook(row)

    def remove(self, webhook_id: str) -> None:
        """Remove a webhook with all its deliveries."""
        with self._database.write() as session:
            session.delete(_existing(session, webhook_id))

    def test(self, webhook_id: str, key: IdempotencyKey | None = None) -> Delivery:
        """Enqueue a test event; return its delivery. A repeated *key* enqueues none.

        Raises:
            Conflict: The webhook is disabled.
        """
        with self._database.write() as session:
            hook = _existing(session, webhook_id)
            if known := created_before(session, key, lambda delivery_id: session.get(DeliveryRow, delivery_id)):
                return _delivery(known)
            _check_enabled(hook)
            row = delivery_row(hook.id, WebhookEvent.TEST, {"webhook_id": webhook_id})
            session.add(row)
            remember(session, key, row.id)
            return _delivery(row)

    def deliveries(
        self,
        webhook_id: str,
        listing: Listing,
        *,
        states: Collection[DeliveryState] = (),
        created: Period = ALWAYS,
    ) -> tuple[list[Delivery], bool]:
        """Return a page of the webhook's deliveries in these *states*, or in any; and whether there are more."""
        query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
        if states:
            query = query.where(DeliveryRow.state.in_(states))
        query = created_in(query, created, DeliveryRow.created_at)
        with self._database.read() as session:
            _existing(session, webhook_id)
            rows, has_more = read_page(session, query, listing, row_id=DeliveryRow.id)
            return [_delivery(row) for row in rows], has_more

    def delivery(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Return a delivery of the webhook."""
        with self._database.read() as session:
            return _delivery(_existing_delivery(session, webhook_id, delivery_id))

    def redeliver(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Send a delivery once more, with the same id and payload; one that has not ended is due at once.

        Raises:
            Conflict: The webhook is disabled.
        """
        with self._database.write() as session:
            _check_enabled(_existing(session, webhook_id))
            row = _existing_delivery(session, webhook_id, delivery_id, lock=True)
            if row.state != DeliveryState.SENDING:
                row.state, row.due_at, row.ended_at = DeliveryState.WAITING, datetime.now(UTC), None
            return _delivery(row)


def _existing(session: Session, webhook_id: str) -> WebhookRow:
    row = session.get(WebhookRow, webhook_id)
    if row is None:
        raise NotFound("webhook", webhook_id)
    return row


def _existing_delivery(session: Session, webhook_id: str, delivery_id: str, *, lock: bool = False) -> DeliveryRow:
    row = session.get(DeliveryRow, delivery_id, with_for_update=True if lock else None)
    if row is None or row.webhook_id != webhook_id:
        raise NotFound("delivery", delivery_id)
    return row


def _check_enabled(row: WebhookRow) -> None:
    if not row.enabled:
        raise Conflict(f"The webhook {row.id!r} is disabled: enable it first.")


def _webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=tuple(map(WebhookEvent, row.events)),
        job_id=row.job_id,
        group=row.group,
        enabled=row.enabled,
        created_at=row.created_at,
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        type=WebhookEvent(row.type),
        payload=row.payload,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=None if row.ended_at else row.due_at,
        ended_at=row.ended_at,
        last_error=row.last_error,
    )
