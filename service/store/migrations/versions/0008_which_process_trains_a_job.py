"""Add to jobs the processes that work on a claim, and the machine and versions of the newest attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("jobs", sa.Column("claimed_by", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("jobs", sa.Column("environment", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_column("jobs", "environment")
    op.drop_column("jobs", "claimed_by")
