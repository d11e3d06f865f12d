"""Add experiments, which job belongs to which, and which jobs yield to all others in the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_OF_SHARES = "ix_jobs_status_yields_created_by_id"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("design", sa.JSON(), nullable=False),
        sa.Column("looks", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stopped", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
    )
    op.add_column("jobs", sa.Column("experiment_id", sa.String(), nullable=True))
    op.add_column("jobs", sa.Column("arm", sa.String(), nullable=True))
    op.add_column("jobs", sa.Column("yields", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_jobs_experiment_id", "jobs", ["experiment_id"])
    op.create_index(_OF_SHARES, "jobs", ["status", "yields", "created_by", "id"])
    op.drop_index("ix_jobs_status_created_by_id", "jobs")


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.create_index("ix_jobs_status_created_by_id", "jobs", ["status", "created_by", "id"])
    op.drop_index(_OF_SHARES, "jobs")
    op.drop_index("ix_jobs_experiment_id", "jobs")
    for name in ("yields", "arm", "experiment_id"):
        op.drop_column("jobs", name)
    op.drop_table("experiments")
