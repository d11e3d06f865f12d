"""Create the trainers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "trainers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trainers"),
    )


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("trainers")
