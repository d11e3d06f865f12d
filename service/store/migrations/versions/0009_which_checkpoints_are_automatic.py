"""Mark the checkpoints that are saved within an epoch by time."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("checkpoints", sa.Column("automatic", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_column("checkpoints", "automatic")
