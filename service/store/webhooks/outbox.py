"""What webhooks are to be told: put here in the transaction of what it tells, taken out by whoever sends it.

A claim is a moment in the future: until then nobody else takes the delivery. A sender that is killed leaves nothing
to clean up: its deliveries come due again. Each attempt has a number, and one that is not the last writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from service.domain.ids import new_id
from service.domain.job import TERMINAL
from service.domain.nonfinite import with_nulls
from service.domain.webhook import DeliveryState, WebhookEvent
from service.store.database import Database
from service.store.retry import retry_while_unavailable
from service.store.tables import DeliveryRow, JobRow, WebhookRow

#: How long deliveries that have ended can be looked at.
KEPT = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class DeliveryAttempt:
    """A delivery that the caller is to send: nobody else does for now.

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
    """Deliveries, for those who send them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, *, limit: int, hold_s: float) -> list[DeliveryAttempt]:
        """Take what is due for *hold_s* seconds: of each webhook the oldest, and of one that is being told none."""
        now = datetime.now(UTC)
        ids = self._database.scalars(_due(now, limit))
        if not ids:  # as most looks find: they take no write lock
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
        """The receiver has it."""
        with self._database.write() as session:
            if row := _current(session, attempt):
                _end(session, row, DeliveryState.DELIVERED)

    @retry_while_unavailable
    def refused(self, attempt: DeliveryAttempt, error: str, *, wait_s: float | None) -> None:
        """It did not arrive: to be sent again after *wait_s* seconds, or given up where that is None."""
        with self._database.write() as session:
            if row := _current(session, attempt):
                row.last_error = error
                if wait_s is None:
                    _end(session, row, DeliveryState.FAILED)
                else:
                    row.state, row.due_at = DeliveryState.WAITING, datetime.now(UTC) + timedelta(seconds=wait_s)


def enqueue_job_end(session: Session, row: JobRow) -> None:
    """Have webhooks told that a job has ended; its status stands. Any other status is told to nobody."""
    if row.status in TERMINAL:
        _enqueue(session, row, WebhookEvent(f"job.{row.status}"), {"result": row.result, "error": row.error})


def enqueue_epoch(session: Session, row: JobRow, figures: Mapping[str, Any]) -> None:
    """Have webhooks told the figures of an epoch."""
    _enqueue(session, row, WebhookEvent.EPOCH, figures)


def delivery_row(webhook_id: str, happening: WebhookEvent, data: Mapping[str, Any]) -> DeliveryRow:
    """Something to tell, at once."""
    now = datetime.now(UTC)
    payload = {"type": happening, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": with_nulls(data)}
    return DeliveryRow(
        id=new_id("msg"),
        webhook_id=webhook_id,
        type=happening,
        payload=payload,
        state=DeliveryState.WAITING,
        attempts=0,
        created_at=now,
        due_at=now,
    )


def _enqueue(session: Session, row: JobRow, happening: WebhookEvent, data: Mapping[str, Any]) -> None:
    of_job = or_(WebhookRow.job_id.is_(None), WebhookRow.job_id == row.id)
    of_group = or_(WebhookRow.group.is_(None), WebhookRow.group == row.group)
    said = {
        "job_id": row.id,
        "name": row.config["name"],
        "group": row.group,
        "metadata": row.labels,
        "status": row.status,
        "attempt": row.attempt,
        "event": row.last_event,
    }
    hooks = session.scalars(select(WebhookRow).where(of_job, of_group)).all()
    session.add_all(delivery_row(hook.id, happening, {**said, **data}) for hook in hooks if happening in hook.events)


def _due(now: datetime, limit: int) -> Select[str]:
    """Of each webhook that nobody is telling something, the oldest delivery that is due."""
    open_states = (DeliveryState.WAITING, DeliveryState.SENDING)
    told = select(DeliveryRow.webhook_id).where(DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.due_at > now)
    due = (DeliveryRow.state.in_(open_states), DeliveryRow.due_at <= now, DeliveryRow.webhook_id.not_in(told))
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
    """The delivery, if this attempt at it is the last and it still is to be told."""
    row = session.get(DeliveryRow, attempt.id, with_for_update=True)
    return row if row and (row.attempts, row.state) == (attempt.attempt, DeliveryState.SENDING) else None


def _end(session: Session, row: DeliveryRow, state: DeliveryState) -> None:
    row.state, row.ended_at = state, datetime.now(UTC)
    long_over = DeliveryRow.webhook_id == row.webhook_id, DeliveryRow.ended_at < row.ended_at - KEPT
    session.execute(delete(DeliveryRow).where(*long_over))
