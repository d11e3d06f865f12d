"""Mark checkpoints and versions that came with the package."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

TABLES = ("checkpoints", "versions")


def upgrade() -> None:
    """Upgrade to this revision."""
    for table in TABLES:
        op.add_column(table, sa.Column("shipped", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    for table in TABLES:
        op.drop_column(table, "shipped")
