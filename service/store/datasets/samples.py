"""Samples: pictures that clients add to a dataset one by one. Each change makes one version of the dataset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session, aliased

from service.domain.dataset import Dataset, DatasetLimits, DatasetVersion, Sample, Split
from service.domain.listing import ALWAYS, Listing, Period
from service.errors import NotFound
from service.store.database import Database
from service.store.datasets.rows import (
    add_version,
    check_limits,
    dataset_value,
    existing,
    lock_for_change,
    sample_row,
    sample_value,
    version_row,
    version_value,
)
from service.store.datasets.tables import DatasetRow, DatasetSampleRow
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.pages import created_in, read_page


@dataclass(frozen=True, kw_only=True)
class SampleFilter:
    """Which samples of a dataset a list has; None for all."""

    label: int | None = None
    split: Split | None = None
    created: Period = ALWAYS


class SampleStore:
    """The samples of datasets.

    Args:
        database: Holds them.
        limits: The operator's limits on datasets.
    """

    def __init__(self, database: Database, limits: DatasetLimits) -> None:
        self._database, self._limits = database, limits

    def add(
        self, name: str, samples: Sequence[Sample], key: IdempotencyKey | None = None
    ) -> tuple[list[Sample], Dataset]:
        """Add samples, after their original pictures are in the blob store; return them and the dataset's new version.

        A repeated *key* adds nothing, and returns what the first request added.

        Raises:
            NotFound: There is no such dataset.
            TooLarge: The dataset would be over a limit.
            IdempotencyConflict: The key was used before, with another body.
        """
        with self._database.write() as session:
            row = lock_for_change(session, name)
            known = created_before(
                session, key, lambda version: version if version.partition("/")[0] == row.id else None
            )
            if known:
                return self._added(session, row, int(known.partition("/")[2]))
            at = version_value(version_row(session, row))
            for each in samples:
                at = at.plus(each.split, each.label)
                row.bytes += _size(each)
            self._check_limits(row, at)
            version = add_version(session, row, at)
            session.add_all(sample_row(each, row.id, added=row.version) for each in samples)
            session.flush()
            remember(session, key, f"{row.id}/{row.version}")
            return list(samples), dataset_value(session, row, version)

    def page(self, name: str, listing: Listing, which: SampleFilter) -> tuple[list[Sample], bool]:
        """Return a page of the samples that the newest version has, and whether there are more.

        Raises:
            NotFound: There is no such dataset.
        """
        with self._database.read() as session:
            query = created_in(_present(existing(session, name)), which.created, DatasetSampleRow.created_at)
            if which.label is not None:
                query = query.where(DatasetSampleRow.label == which.label)
            if which.split is not None:
                query = query.where(DatasetSampleRow.split == which.split)
            rows, has_more = read_page(session, query, listing, row_id=DatasetSampleRow.id)
            return list(map(sample_value, rows)), has_more

    def get(self, name: str, sample_id: str) -> Sample:
        """Return a sample of the newest version.

        Raises:
            NotFound: There is no such dataset, or it has no such sample (any more).
        """
        with self._database.read() as session:
            return sample_value(_found(session, existing(session, name), sample_id))

    def update(self, name: str, sample_id: str, *, label: int | None, split: Split | None) -> tuple[Sample, Dataset]:
        """Change the label or the split of a sample; None leaves it. Without a difference, there is no new version.

        Raises:
            NotFound: There is no such dataset, or it has no such sample (any more).
            TooLarge: The dataset would be over a limit: its pixels with the old label stay for earlier versions.
        """
        with self._database.write() as session:
            row = lock_for_change(session, name)
            old, version = _found(session, row, sample_id), version_row(session, row)
            before = sample_value(old)
            after = replace(before, label=before.label if label is None else label, split=split or before.split)
            if after == before:
                return before, dataset_value(session, row, version)
            at = version_value(version).plus(before.split, before.label, -1)
            at = at.plus(after.split, after.label)
            row.bytes += len(before.pixels)
            self._check_limits(row, at)
            version = add_version(session, row, at)
            old.removed, old.original = row.version, None
            session.add(sample_row(after, row.id, added=row.version))
            session.flush()
            return after, dataset_value(session, row, version)

    def remove(self, name: str, sample_id: str) -> Dataset:
        """Remove a sample; its pixels stay for earlier versions. The caller deletes its original picture afterwards.

        Raises:
            NotFound: There is no such dataset, or it has no such sample (any more).
        """
        with self._database.write_when_full() as session:
            row = lock_for_change(session, name)
            sample = _found(session, row, sample_id)
            if sample.original:
                row.bytes -= sample.original["bytes"]
            at = version_value(version_row(session, row)).plus(sample_value(sample).split, sample.label, -1)
            version = add_version(session, row, at)
            sample.removed, sample.original = row.version, None
            session.flush()
            return dataset_value(session, row, version)

    def _check_limits(self, row: DatasetRow, at: DatasetVersion) -> None:
        check_limits(row.name, at.train.samples + at.test.samples, row.bytes, self._limits)

    def _added(self, session: Session, row: DatasetRow, version: int) -> tuple[list[Sample], Dataset]:
        """Return the samples that a version has added, as they are now, and the dataset at that version."""
        first = aliased(DatasetSampleRow)
        ids = select(first.id).where(first.dataset_id == row.id, first.added == version)
        found = session.scalars(_present(row).where(DatasetSampleRow.id.in_(ids)).order_by(DatasetSampleRow.id))
        return list(map(sample_value, found)), dataset_value(session, row, version_row(session, row, version))


def _present(row: DatasetRow) -> Select[Any]:
    return select(DatasetSampleRow).where(DatasetSampleRow.dataset_id == row.id, DatasetSampleRow.removed.is_(null()))


def _found(session: Session, row: DatasetRow, sample_id: str) -> DatasetSampleRow:
    found: DatasetSampleRow | None = session.scalar(_present(row).where(DatasetSampleRow.id == sample_id))
    if found is None:
        raise NotFound("sample", sample_id)
    return found


def _size(sample: Sample) -> int:
    return len(sample.pixels) + (sample.original.bytes if sample.original else 0)
