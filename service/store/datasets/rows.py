"""What the stores of datasets and of samples share: finding and locking rows, versions and values."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from service.domain.dataset import Dataset, DatasetLimits, DatasetVersion, Original, Part, Sample, Split
from service.domain.key import Creator
from service.errors import NotFound, TooLarge
from service.store.datasets.tables import DatasetRow, DatasetSampleRow, DatasetVersionRow


def existing(session: Session, name: str) -> DatasetRow:
    """Return the row of a dataset.

    Raises:
        NotFound: There is none with this name.
    """
    return _found(session, name, _named(name))


def lock_for_change(session: Session, name: str) -> DatasetRow:
    """Return the row of a dataset, locked against other changes until the transaction ends.

    Raises:
        NotFound: There is none with this name.
    """
    return _found(session, name, _named(name).with_for_update(key_share=True))


def lock_for_deletion(session: Session, name: str) -> DatasetRow:
    """Return the row of a dataset, locked against changes and new uses until the transaction has deleted it.

    Raises:
        NotFound: There is none with this name.
    """
    return _found(session, name, _named(name).with_for_update())


def lock_dataset_for_use(session: Session, name: str) -> None:
    """Lock an uploaded dataset against deletion until the transaction has stored its use; it may be changed.

    Raises:
        NotFound: There is none with this name (any more).
    """
    _found(session, name, _named(name).with_for_update(read=True, key_share=True))


def version_row(session: Session, row: DatasetRow, version: int | None = None) -> DatasetVersionRow:
    """Return a version of a dataset, the newest unless one is named.

    Raises:
        NotFound: There is no such version.
    """
    number = row.version if version is None else version
    found = session.get(DatasetVersionRow, (row.id, number))
    if found is None:
        raise NotFound("version", f"{row.name}/{number}")
    return found


def add_version(session: Session, row: DatasetRow, at: DatasetVersion) -> DatasetVersionRow:
    """Add the dataset's next version, with the counts of *at*."""
    row.version, row.updated_at = row.version + 1, datetime.now(UTC)
    added = DatasetVersionRow(
        dataset_id=row.id,
        version=row.version,
        train_counts=list(at.train.counts),
        test_counts=list(at.test.counts),
        created_at=row.updated_at,
    )
    session.add(added)
    return added


def check_limits(name: str, samples: int, size: int, limits: DatasetLimits) -> None:
    """Check the size of a dataset.

    Raises:
        TooLarge: It is over a limit; the message says which, and by how much.
    """
    for what, given, limit in (("pictures", samples, limits.max_samples), ("bytes", size, limits.max_bytes)):
        if given > limit:
            raise TooLarge(
                f"The dataset {name!r} would have {given:,} {what}, but the limit is {limit:,}; send fewer, or delete "
                "some first."
            )


def at_version(version: int) -> Any:
    """Return the condition for samples that a version has."""
    removed = DatasetSampleRow.removed
    return (DatasetSampleRow.added <= version) & or_(removed.is_(None), removed > version)


def dataset_value(session: Session, row: DatasetRow, at: DatasetVersionRow) -> Dataset:
    """Return the rows as a value."""
    of_dataset = select(func.count()).select_from(DatasetVersionRow).where(DatasetVersionRow.dataset_id == row.id)
    fields = ("id", "name", "bytes", "sha256", "created_at", "updated_at")
    return Dataset(
        source="uploaded",
        at=version_value(at),
        versions=session.scalar(of_dataset) or 0,
        created_by=Creator(id=row.creator.id, name=row.creator.name) if row.creator else None,
        **{each: getattr(row, each) for each in fields},
    )


def version_value(row: DatasetVersionRow) -> DatasetVersion:
    """Return the row as a value."""
    return DatasetVersion(
        version=row.version,
        train=Part(counts=tuple(row.train_counts)),
        test=Part(counts=tuple(row.test_counts)),
        digest=row.digest,
        created_at=row.created_at,
    )


def sample_value(row: DatasetSampleRow) -> Sample:
    """Return the row as a value."""
    return Sample(
        id=row.id,
        label=row.label,
        split=cast(Split, row.split),
        pixels=row.pixels,
        report=row.report,
        original=Original(**row.original) if row.original else None,
        created_at=row.created_at,
    )


def sample_row(sample: Sample, dataset_id: str, *, added: int) -> DatasetSampleRow:
    """Return the value as a row of the version that adds it."""
    fields = ("id", "label", "split", "pixels", "created_at")
    return DatasetSampleRow(
        dataset_id=dataset_id,
        added=added,
        report=dict(sample.report),
        original=asdict(sample.original) if sample.original else None,
        **{each: getattr(sample, each) for each in fields},
    )


def _named(name: str) -> Select[DatasetRow]:
    return select(DatasetRow).where(DatasetRow.name == name)


def _found(session: Session, name: str, query: Select[DatasetRow]) -> DatasetRow:
    row = session.scalar(query)
    if row is None:
        raise NotFound("dataset", name)
    return row
