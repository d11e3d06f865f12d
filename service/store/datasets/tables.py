"""The tables of datasets. Each change needs a migration, as those of ``service.store.tables``."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.store.columns import Base, Json
from service.store.tables import KeyRow


class DatasetRow(Base):
    """A dataset that was uploaded or collected. Its arrays are in the blob store; ``sha256`` is of that file."""

    __tablename__ = "datasets"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int]
    bytes: Mapped[int]
    sha256: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[str | None]
    creator: Mapped[KeyRow | None] = relationship(
        primaryjoin="foreign(DatasetRow.created_by) == KeyRow.id", viewonly=True
    )


class DatasetVersionRow(Base):
    """A version of a dataset, with the number of pictures of each class; the digest is computed afterwards."""

    __tablename__ = "dataset_versions"

    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    train_counts: Mapped[list[int]] = mapped_column(JSON)
    test_counts: Mapped[list[int]] = mapped_column(JSON)
    digest: Mapped[str | None]
    created_at: Mapped[datetime]


class DatasetSampleRow(Base):
    """A sample, from the version that added it up to, but not including, the one that removed or changed it."""

    __tablename__ = "dataset_samples"
    __table_args__ = (Index("ix_dataset_samples_dataset_id_id", "dataset_id", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    added: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    removed: Mapped[int | None]
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    label: Mapped[int]
    split: Mapped[str]
    pixels: Mapped[bytes] = mapped_column(LargeBinary)
    report: Mapped[Json]
    original: Mapped[Json | None]
    created_at: Mapped[datetime]
