"""Add datasets that clients upload and collect: their versions, and the pictures that were added one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "datasets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", _INTEGER, nullable=False),
        sa.Column("bytes", _INTEGER, nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.UniqueConstraint("name", name="uq_datasets_name"),
    )
    op.create_table(
        "dataset_versions",
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("version", _INTEGER, nullable=False),
        sa.Column("train_counts", sa.JSON(), nullable=False),
        sa.Column("test_counts", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dataset_id", "version", name="pk_dataset_versions"),
        _foreign_key("dataset_versions"),
    )
    op.create_table(
        "dataset_samples",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("added", _INTEGER, nullable=False),
        sa.Column("removed", _INTEGER, nullable=True),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("label", _INTEGER, nullable=False),
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("pixels", sa.LargeBinary(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("original", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "added", name="pk_dataset_samples"),
        _foreign_key("dataset_samples"),
    )
    op.create_index("ix_dataset_samples_dataset_id_id", "dataset_samples", ["dataset_id", "id"])


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("dataset_samples")
    op.drop_table("dataset_versions")
    op.drop_table("datasets")


def _foreign_key(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_dataset_id_datasets"
    return sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], ondelete="CASCADE", name=name)
