"""Add whether a webhook is enabled."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("webhooks", sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_column("webhooks", "enabled")
