"""The tables. Whoever changes one adds a migration beside."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from service.domain.nonfinite import from_column, to_column

#: Constraints have names everywhere, so that a migration can speak of them.
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Give a naive moment its zone."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class MetricsJson(TypeDecorator[Json]):
    """Named numbers, as JSON. It has no number that is not finite, and PostgreSQL takes none: those go by name."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Json | None, dialect: Dialect) -> Json | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Name what is not finite."""
        return value and to_column(value)

    def process_result_value(self, value: Json | None, dialect: Dialect) -> Json | None:  # noqa: ARG002  # likewise
        """Put the numbers back."""
        return value and from_column(value)


class Base(DeclarativeBase):
    """Says once for all tables which column holds which Python type."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime,
        Json: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        int: BigInteger().with_variant(Integer, "sqlite"),
    }


class KeyRow(Base):
    """What is kept of a key: the digest of its text. Rows stay, so that what was made with one can name it."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class JobRow(Base):
    """A job. Its id sorts by creation, so the primary key serves the list."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_status_id", "status", "id"), Index("ix_jobs_group_id", "group", "id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    config: Mapped[Json]
    group: Mapped[str | None]
    labels: Mapped[Json]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    request_digest: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=0)
    step: Mapped[int] = mapped_column(default=0)
    total_steps: Mapped[int | None]
    samples_per_second: Mapped[float | None]
    result: Mapped[Json | None] = mapped_column(MetricsJson)
    error: Mapped[Json | None]
    parent_id: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=0)
    lost_workers: Mapped[int] = mapped_column(default=0)
    threads: Mapped[int | None]
    tuned: Mapped[Json | None]
    last_event: Mapped[int] = mapped_column(default=0)
    trained_s: Mapped[float] = mapped_column(default=0.0, server_default="0")
    created_by: Mapped[str | None]
    creator: Mapped[KeyRow | None] = relationship(primaryjoin="foreign(JobRow.created_by) == KeyRow.id", viewonly=True)
    origin: Mapped[Json | None]


class LossRow(Base):
    """The losses of consecutive steps of one epoch, as little-endian float32."""

    __tablename__ = "losses"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    last_step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_step: Mapped[int]
    epoch: Mapped[int]
    losses: Mapped[bytes] = mapped_column(LargeBinary)


class EpochRow(Base):
    """The figures of one epoch."""

    __tablename__ = "epochs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int]
    train_loss: Mapped[float]
    train_accuracy: Mapped[float]
    validation_loss: Mapped[float | None]
    validation_accuracy: Mapped[float | None]
    test_loss: Mapped[float | None]
    test_accuracy: Mapped[float | None]
    seconds: Mapped[float]


class EventRow(Base):
    """One entry of a job's log. Losses and figures of epochs lie in their own tables; the data says which."""

    __tablename__ = "events"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[Json]


class ChangeRow(Base):
    """What somebody changed while the job trained; its worker fills in the step from which it holds."""

    __tablename__ = "changes"

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    learning_rate: Mapped[float | None]
    momentum: Mapped[float | None]
    step: Mapped[int | None]


class CheckpointRow(Base):
    """A saved weight list. The row is written after the bytes, and removed before them."""

    __tablename__ = "checkpoints"
    __table_args__ = (Index("ix_checkpoints_job_id_id", "job_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    step: Mapped[int | None]
    epoch: Mapped[int | None]
    network: Mapped[Json]
    metrics: Mapped[Json] = mapped_column(MetricsJson)
    bytes: Mapped[int]
    sha256: Mapped[str]
    resumable: Mapped[bool]
    state_sha256: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None]


class SaveRequestRow(Base):
    """Somebody waits for a running job's weights: its worker saves them and fills in the checkpoint."""

    __tablename__ = "save_requests"

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    checkpoint_id: Mapped[str | None]


class WatchRow(Base):
    """Until when a running job's worker is to show its weights, as somebody asks; the token tells watches apart."""

    __tablename__ = "watches"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str]
    until: Mapped[datetime]


class WebhookRow(Base):
    """Where to tell of what. The secret signs, so it cannot be kept as a digest."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[list[str]]
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    group: Mapped[str | None]
    secret: Mapped[str]
    created_at: Mapped[datetime]


class DeliveryRow(Base):
    """Something that a webhook is to be told. Until *due_at* nobody takes it, be it sent just now or later."""

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


class VersionRow(Base):
    """A model's version. A checkpoint that one uses cannot be deleted."""

    __tablename__ = "versions"

    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checkpoint_id: Mapped[str] = mapped_column(ForeignKey("checkpoints.id", ondelete="RESTRICT"), index=True)
    job_id: Mapped[str | None]
    test_accuracy: Mapped[float | None]
    created_at: Mapped[datetime]


class AliasRow(Base):
    """A name that points at a version."""

    __tablename__ = "aliases"

    model: Mapped[str] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    pinned: Mapped[bool]
    revision: Mapped[int]


class TrainerRow(Base):
    """A trainer, and when it last showed itself."""

    __tablename__ = "trainers"

    id: Mapped[str] = mapped_column(primary_key=True)
    workers: Mapped[int]
    seen_at: Mapped[datetime]


class CounterRow(Base):
    """How often something has happened since the service was set up."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
