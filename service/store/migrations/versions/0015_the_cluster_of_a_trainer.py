"""Add the size of the cluster that a trainer uses."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("trainers", sa.Column("cluster", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_column("trainers", "cluster")
