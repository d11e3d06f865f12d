"""The tables of webhooks. Each change needs a migration, as those of ``service.store.tables``."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import Base, Json


class WebhookRow(Base):
    """A webhook. Its secret signs deliveries, so a digest is not enough."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[list[str]]
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    group: Mapped[str | None]
    secret: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime]


class DeliveryRow(Base):
    """A delivery in the outbox. It is due at *due_at*: the time of its next attempt, or the end of a claim."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_state_due_at", "state", "due_at"),
        Index("ix_deliveries_webhook_id_id", "webhook_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    type: Mapped[str]
    payload: Mapped[Json]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
