"""Add the weights and turns of API keys in the queue, and the index that finds each key's oldest queued job."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("keys", sa.Column("weight", sa.Double(), server_default="1", nullable=False))
    op.create_index("ix_jobs_status_created_by_id", "jobs", ["status", "created_by", "id"])
    op.create_table(
        "turns",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("turn", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_turns"),
    )


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("turns")
    op.drop_index("ix_jobs_status_created_by_id", "jobs")
    op.drop_column("keys", "weight")
