"""The outbox: a delivery is enqueued in the transaction of its event, and claimed by a sender.

A claim is a time in the future until which no other sender takes the delivery. A sender that is killed leaves
nothing to clean up: its deliveries become due again. Attempts are numbered, and only the newest may write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from service.domain.ids import new_id
from service.domain.job import TERMINAL
from service.domain.nonfinite import with_nulls
from service.domain.webhook import DeliveryState, WebhookEvent
from service.store.database import Database
from service.store.retry import retry_while_unavailable
from service.store.tables import JobRow
from service.store.webhooks.tables import DeliveryRow, WebhookRow

#: How long ended deliveries are kept.
ENDED_KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class DeliveryAttempt:
    """A claimed delivery: the caller sends it, and no other sender does for now.

    Attributes:
        attempt: From 1.
    """

    id: str
    webhook_id: str
    url: str
    secret: str
    payload: Mapping[str, Any]
    attempt: int


class OutboxStore:
    """Deliveries, as senders see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, *, limit: int, hold_s: float) -> list[DeliveryAttempt]:
        """Claim due deliveries for *hold_s* seconds: the oldest per webhook, skipping webhooks with one in flight."""
        now = datetime.now(UTC)
        ids = self._database.scalars(_due(now, limit))
        if not ids:  # senders poll: most calls find nothing, and must not take the write lock
            return []
        still_due = select(DeliveryRow).where(DeliveryRow.id.in_(ids), DeliveryRow.due_at <= now)
        with self._database.write() as session:
            rows = list(session.scalars(still_due.with_for_update(skip_locked=True)))
            for row in rows:
                row.state, row.attempts = DeliveryState.SENDING, row.attempts + 1
                row.due_at = now + timedelta(seconds=hold_s)
            return [_attempt(row, session.get_one(WebhookRow, row.webhook_id)) for row in rows]

    @retry_while_unavailable
    def delivered(self, attempt: DeliveryAttempt) -> None:
        """End a delivery that the receiver accepted."""
        with self._database.write() as session:
            if row := _current(session, attempt):
                _end(session, row, DeliveryState.DELIVERED)

    @retry_while_unavailable
    def failed(self, attempt: DeliveryAttempt, error: str, *, wait_s: float | None) -> None:
        """Store why an attempt failed. The next is due after *wait_s* seconds; None ends the delivery."""
        with self._database.write() as session:
            if row := _current(session, attempt):
                row.last_error = error
                if wait_s is None:
                    _end(session, row, DeliveryState.FAILED)
                else:
                    row.state, row.due_at = DeliveryState.WAITING, datetime.now(UTC) + timedelta(seconds=wait_s)


def enqueue_job_end(session: Session, row: JobRow) -> None:
    """Enqueue the end of a job for its webhooks; do nothing if the job has not ended."""
    if row.status in TERMINAL:
        _enqueue(session, row, WebhookEvent(f"job.{row.status}"), {"result": row.result, "error": row.error})


def enqueue_epoch(session: Session, row: JobRow, metrics: Mapping[str, Any]) -> None:
    """Enqueue the metrics of an epoch for the job's webhooks."""
    _enqueue(session, row, WebhookEvent.EPOCH, metrics)


def delivery_row(webhook_id: str, event: WebhookEvent, data: Mapping[str, Any]) -> DeliveryRow:
    """Return a delivery that is due now."""
    now = datetime.now(UTC)
    payload = {"type": event, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": with_nulls(data)}
    return DeliveryRow(
        id=new_id("msg"),
        webhook_id=webhook_id,
        type=event,
        payload=payload,
        state=DeliveryState.WAITING,
        attempts=0,
        created_at=now,
        due_at=now,
    )


# Built once: a running job waits for it at the end of each epoch
_HOOKS = select(WebhookRow).where(
    or_(WebhookRow.job_id.is_(None), WebhookRow.job_id == bindparam("job_id")),
    or_(WebhookRow.group.is_(None), WebhookRow.group == bindparam("group")),
    WebhookRow.enabled,
)


def _enqueue(session: Session, row: JobRow, event: WebhookEvent, data: Mapping[str, Any]) -> None:
    about_job = {
        "job_id": row.id,
        "name": row.config["name"],
        "group": row.group,
        "metadata": row.labels,
        "status": row.status,
        "attempt": row.attempt,
        "event_number": row.last_event,
        "event": row.last_event,  # its old name
    }
    hooks = session.scalars(_HOOKS, {"job_id": row.id, "group": row.group}).all()
    session.add_all(delivery_row(hook.id, event, {**about_job, **data}) for hook in hooks if event in hook.events)


def _due(now: datetime, limit: int) -> Select[str]:
    """Return the query for the oldest due delivery of each enabled webhook that has none in flight."""
    open_states = (DeliveryState.WAITING, DeliveryState.SENDING)
    in_flight = select(DeliveryRow.webhook_id).where(
        DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.due_at > now
    )
    enabled = DeliveryRow.webhook_id.in_(select(WebhookRow.id).where(WebhookRow.enabled))
    is_due = (DeliveryRow.state.in_(open_states), DeliveryRow.due_at <= now)
    due = (*is_due, DeliveryRow.webhook_id.not_in(in_flight), enabled)
    return select(func.min(DeliveryRow.id)).where(*due).group_by(DeliveryRow.webhook_id).limit(limit)


def _attempt(row: DeliveryRow, hook: WebhookRow) -> DeliveryAttempt:
    return DeliveryAttempt(
        id=row.id,
        webhook_id=hook.id,
        url=hook.url,
        secret=hook.secret,
        payload=row.payload,
        attempt=row.attempts,
    )


def _current(session: Session, attempt: DeliveryAttempt) -> DeliveryRow | None:
    """Return the delivery, locked, if this is its newest attempt and it has not ended."""
    row = session.get(DeliveryRow, attempt.id, with_for_update=True)
    return row if row and (row.attempts, row.state) == (attempt.attempt, DeliveryState.SENDING) else None


def _end(session: Session, row: DeliveryRow, state: DeliveryState) -> None:
    row.state, row.ended_at = state, datetime.now(UTC)
    expired = DeliveryRow.webhook_id == row.webhook_id, DeliveryRow.ended_at < row.ended_at - ENDED_KEPT_FOR
    session.execute(delete(DeliveryRow).where(*expired))
