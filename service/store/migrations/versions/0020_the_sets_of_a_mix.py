"""Add the metrics of an epoch on each dataset of a mix."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("epochs", sa.Column("sets", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_column("epochs", "sets")
