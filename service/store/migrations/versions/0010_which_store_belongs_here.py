"""Create the identity that the database shares with its checkpoint store."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "store_identity",
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("of", name="pk_store_identity"),
    )


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("store_identity")
