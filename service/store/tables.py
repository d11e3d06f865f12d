"""The tables. Each change needs a migration in ``migrations/versions``."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.store.columns import Base, Json, MetricsJson


class KeyRow(Base):
    """An API key, with the digest of its text. Rows are never deleted, so that a job can name its creator."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    weight: Mapped[float] = mapped_column(default=1.0, server_default="1")
    jobs_per_day: Mapped[int | None]
    core_minutes_per_day: Mapped[float | None]


class JobRow(Base):
    """A job. Ids sort by time of creation, so the primary key also orders the list."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_status_id", "status", "id"),
        Index("ix_jobs_status_yields_created_by_id", "status", "yields", "created_by", "id"),
        Index("ix_jobs_group_id", "group", "id"),
    )

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
    claimed_by: Mapped[Json | None]
    claimed_at: Mapped[datetime | None]
    environment: Mapped[Json | None]
    experiment_id: Mapped[str | None] = mapped_column(index=True)
    arm: Mapped[str | None]
    yields: Mapped[bool] = mapped_column(default=False, server_default=false())


class ExperimentRow(Base):
    """An experiment. Its jobs are rows of ``jobs``; it is deleted with the last of them."""

    __tablename__ = "experiments"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    design: Mapped[Json]
    looks: Mapped[int] = mapped_column(default=0)
    stopped: Mapped[Json]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]


class LabelRow(Base):
    """One key of a job's metadata: an index of ``JobRow.labels``, whose order of columns serves the filter."""

    __tablename__ = "job_labels"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True, index=True)


class LossRow(Base):
    """The losses of consecutive steps of one epoch, as little-endian float32."""

    __tablename__ = "losses"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    last_step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_step: Mapped[int]
    epoch: Mapped[int]
    losses: Mapped[bytes] = mapped_column(LargeBinary)


class StepRow(Base):
    """What happened in one of a job's first steps, if the job records them."""

    __tablename__ = "steps"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[Json]


class EpochRow(Base):
    """The metrics of one epoch."""

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
    sets: Mapped[list[Json] | None] = mapped_column(JSON(none_as_null=True))


class EventRow(Base):
    """An event of a job's log. Losses and the metrics of epochs are in their own tables; the data holds their keys."""

    __tablename__ = "events"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[Json]


class ChangeRow(Base):
    """A change of hyperparameters during training; the worker adds the step from which it applies."""

    __tablename__ = "changes"

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    learning_rate: Mapped[float | None]
    momentum: Mapped[float | None]
    step: Mapped[int | None]


class CheckpointRow(Base):
    """A checkpoint. The row is written after its bytes, and deleted before them."""

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
    automatic: Mapped[bool] = mapped_column(default=False, server_default=false())
    test_set: Mapped[str | None]
    shipped: Mapped[bool] = mapped_column(default=False, server_default=false())


class SaveRequestRow(Base):
    """A request for a running job's weights: its worker saves them and adds the checkpoint."""

    __tablename__ = "save_requests"

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    checkpoint_id: Mapped[str | None]


class WatchRow(Base):
    """Until when a running job's worker publishes snapshots of its weights; a new watch has a new token."""

    __tablename__ = "watches"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str]
    until: Mapped[datetime]


class VersionRow(Base):
    """A version of a model. Its checkpoint cannot be deleted."""

    __tablename__ = "versions"

    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checkpoint_id: Mapped[str] = mapped_column(ForeignKey("checkpoints.id", ondelete="RESTRICT"), index=True)
    job_id: Mapped[str | None]
    test_accuracy: Mapped[float | None]
    test_set: Mapped[str | None]
    shipped: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class AliasRow(Base):
    """An alias: a name that points at a version."""

    __tablename__ = "aliases"

    model: Mapped[str] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    pinned: Mapped[bool]
    revision: Mapped[int]


class StoreIdentityRow(Base):
    """The id that this database shares with its checkpoint store; there is one row."""

    __tablename__ = "store_identity"

    of: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str]
    confirmed: Mapped[bool]


class TurnRow(Base):
    """The turn of an owner's newest start: an API key's id, or empty for no key; ``clock`` is of all owners."""

    __tablename__ = "turns"

    owner: Mapped[str] = mapped_column(primary_key=True)
    turn: Mapped[float]


class UsageRow(Base):
    """What an API key has used on a day (UTC, as in ``2026-01-31``); attempts that still run are not in it."""

    __tablename__ = "usage"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    jobs: Mapped[int]
    core_s: Mapped[float]


class TrainerRow(Base):
    """A trainer, with the time of its last heartbeat, and the size of its cluster if it uses one."""

    __tablename__ = "trainers"

    id: Mapped[str] = mapped_column(primary_key=True)
    workers: Mapped[int]
    seen_at: Mapped[datetime]
    cluster: Mapped[Json | None]


class CounterRow(Base):
    """A counter that never falls."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class IdempotencyRow(Base):
    """What a request with an ``Idempotency-Key`` created, except jobs, which keep the key themselves."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    created_id: Mapped[str]
    created_at: Mapped[datetime]
