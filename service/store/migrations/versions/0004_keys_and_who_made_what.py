"""Add API keys, the creators of jobs and checkpoints, and the training time of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.add_column("jobs", sa.Column("created_by", sa.String(), nullable=True))
    op.add_column("jobs", sa.Column("trained_s", sa.Double(), server_default="0", nullable=False))
    op.add_column("checkpoints", sa.Column("created_by", sa.String(), nullable=True))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_column("checkpoints", "created_by")
    op.drop_column("jobs", "trained_s")
    op.drop_column("jobs", "created_by")
    op.drop_table("keys")
