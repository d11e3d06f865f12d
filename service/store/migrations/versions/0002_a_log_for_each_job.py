"""Add event logs, changes during training, and the number of lost workers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Upgrade to this revision. An older job has no log: its last event is number 0."""
    for name in ("lost_workers", "last_event"):
        op.add_column("jobs", sa.Column(name, INTEGER, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("tuned", JSON, nullable=True))
    op.add_column("checkpoints", sa.Column("state_sha256", sa.String(), nullable=True))
    op.create_table(
        "events",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("number", INTEGER, autoincrement=False, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_events_job_id_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_events"),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("learning_rate", sa.Double(), nullable=True),
        sa.Column("momentum", sa.Double(), nullable=True),
        sa.Column("step", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_changes_job_id_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_job_id", "changes", ["job_id"])


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("changes")
    op.drop_table("events")
    op.drop_column("checkpoints", "state_sha256")
    for name in ("tuned", "last_event", "lost_workers"):
        op.drop_column("jobs", name)
