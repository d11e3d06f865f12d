"""Add the daily quotas of API keys, what they have used, and the start of each job's present attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Upgrade to this revision."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("keys", sa.Column("jobs_per_day", number, nullable=True))
    op.add_column("keys", sa.Column("core_minutes_per_day", sa.Double(), nullable=True))
    op.add_column("jobs", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "usage",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("jobs", number, nullable=False),
        sa.Column("core_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "day", name="pk_usage"),
    )


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("usage")
    op.drop_column("jobs", "claimed_at")
    op.drop_column("keys", "core_minutes_per_day")
    op.drop_column("keys", "jobs_per_day")
