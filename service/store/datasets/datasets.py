"""Datasets as clients see them: created, read, listed and deleted. A version never changes."""

from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Select, func, null, select
from sqlalchemy.orm import Session

from service.domain.dataset import Dataset, DatasetLimits, DatasetVersion, Split
from service.domain.job import TERMINAL
from service.errors import Conflict, StillInUse, TooLarge
from service.store.database import Database, advisory_lock
from service.store.datasets.rows import (
    at_version,
    check_limits,
    dataset_value,
    existing,
    lock_for_deletion,
    version_row,
    version_value,
)
from service.store.datasets.tables import DatasetRow, DatasetSampleRow, DatasetVersionRow
from service.store.idempotency import IdempotencyKey, created_before, remember
from service.store.tables import CounterRow, JobRow

#: The counter of the highest version of deleted datasets, by name, so that no later version gets its number.
NEWEST_OF_DATASET = "newest_dataset_version"


class DatasetStore:
    """Uploaded and collected datasets.

    Args:
        database: Holds them.
        limits: The operator's limits.
    """

    def __init__(self, database: Database, limits: DatasetLimits) -> None:
        self._database, self.limits = database, limits

    def create(self, new: Dataset, key: IdempotencyKey | None = None) -> Dataset:
        """Add a dataset, after its arrays are in the blob store, and return it; with a repeated *key*, the first one.

        Raises:
            Conflict: There is a dataset with this name.
            TooLarge: It is over a limit, or there are too many datasets.
            IdempotencyConflict: The key was used before, with another body.
        """
        with self._database.write() as session:
            advisory_lock(session, "datasets")
            if known := created_before(session, key, lambda dataset_id: session.get(DatasetRow, dataset_id)):
                return dataset_value(session, known, version_row(session, known))
            self._check_room(session, new)
            row = _row(new, version=_newest(session, new.name) + 1)
            version = _version_row(row, new.at)
            session.add(row)
            session.flush()
            session.add(version)
            session.flush()
            remember(session, key, row.id)
            return dataset_value(session, row, version)

    def all(self) -> list[Dataset]:
        """Return all datasets at their newest versions, by name."""
        with self._database.read() as session:
            rows = session.scalars(select(DatasetRow).order_by(DatasetRow.name)).all()
            return [dataset_value(session, row, version_row(session, row)) for row in rows]

    def get(self, name: str, version: int | None = None) -> Dataset:
        """Return a dataset at a version, the newest unless one is named.

        Raises:
            NotFound: There is no such dataset, or no such version of it.
        """
        with self._database.read() as session:
            row = existing(session, name)
            return dataset_value(session, row, version_row(session, row, version))

    def names(self) -> list[str]:
        """Return the names of all datasets."""
        return list(self._database.scalars(select(DatasetRow.name).order_by(DatasetRow.name)))

    def versions(self, name: str) -> list[DatasetVersion]:
        """Return all versions of a dataset, the newest first.

        Raises:
            NotFound: There is no such dataset.
        """
        with self._database.read() as session:
            query = select(DatasetVersionRow).where(DatasetVersionRow.dataset_id == existing(session, name).id)
            return [version_value(row) for row in session.scalars(query.order_by(DatasetVersionRow.version.desc()))]

    def samples_of(self, dataset_id: str, version: int) -> list[tuple[Split, int, bytes]]:
        """Return split, label and pixels of all samples of a version, in the order in which they were added."""
        row = DatasetSampleRow
        query = select(row.split, row.label, row.pixels).where(row.dataset_id == dataset_id, at_version(version))
        with self._database.read() as session:
            return [
                (cast(Split, split), label, pixels) for split, label, pixels in session.execute(query.order_by(row.id))
            ]

    def set_digest(self, dataset_id: str, version: int, digest: str) -> None:
        """Store the digest of a version's arrays, unless the dataset is deleted by now."""
        with self._database.write() as session:
            if row := session.get(DatasetVersionRow, (dataset_id, version)):
                row.digest = digest

    def delete(self, name: str) -> tuple[str, list[str]]:
        """Delete a dataset with all its versions; return its id, and those of its samples with original pictures.

        The caller deletes their files afterwards.

        Raises:
            NotFound: There is no such dataset.
            StillInUse: A job that has not finished uses it.
        """
        with self._database.write_when_full() as session:
            advisory_lock(session, "datasets")
            row = lock_for_deletion(session, name)
            if user := _user_of(session, name):
                raise StillInUse(
                    f"The dataset {name!r} cannot be deleted: the job {user!r}, which has not finished, uses it. "
                    "Cancel the job, or wait for its end."
                )
            samples = list(session.scalars(_with_originals().where(DatasetSampleRow.dataset_id == row.id)))
            _keep_number(session, row)
            session.delete(row)
            return row.id, samples

    def _check_room(self, session: Session, new: Dataset) -> None:
        if session.scalar(select(DatasetRow.id).where(DatasetRow.name == new.name)):
            raise Conflict(
                f"There is a dataset {new.name!r}; add pictures to it, choose another name, or delete it first."
            )
        check_limits(new.name, new.train.samples + new.test.samples, new.bytes, self.limits)
        if (session.scalar(select(func.count()).select_from(DatasetRow)) or 0) >= self.limits.max_datasets:
            raise TooLarge(f"There are {self.limits.max_datasets} datasets, which is the limit; delete one first.")


def dataset_file_ids(session: Session) -> set[str]:
    """Return the ids of all datasets and samples that have files in the blob store."""
    datasets = session.scalars(select(DatasetRow.id).where(DatasetRow.sha256.is_not(None)))
    return {*datasets, *session.scalars(_with_originals())}


def _row(new: Dataset, *, version: int) -> DatasetRow:
    now = datetime.now(UTC)
    fields = {name: getattr(new, name) for name in ("id", "name", "bytes", "sha256")}
    fields["created_by"] = new.created_by.id if new.created_by else None
    return DatasetRow(**fields, version=version, created_at=now, updated_at=now)


def _version_row(row: DatasetRow, at: DatasetVersion) -> DatasetVersionRow:
    return DatasetVersionRow(
        dataset_id=row.id,
        version=row.version,
        train_counts=list(at.train.counts),
        test_counts=list(at.test.counts),
        digest=at.digest,
        created_at=row.created_at,
    )


def _with_originals() -> Select[str]:
    return select(DatasetSampleRow.id).where(DatasetSampleRow.original.is_not(null())).distinct()


def _user_of(session: Session, name: str) -> str | None:
    """Return the id of a job that has not finished and uses the dataset; None if there is none."""
    single, several = JobRow.config["dataset"].as_string(), JobRow.config["datasets"]
    jobs = session.execute(select(JobRow.id, single, several).where(JobRow.status.not_in(TERMINAL)))
    for job_id, dataset, mix in jobs:
        if name == dataset or any(name == each["name"] for each in mix or ()):
            return str(job_id)
    return None


def _newest(session: Session, name: str) -> int:
    """Return the highest version of deleted datasets of this name; 0 if there was none."""
    row = session.get(CounterRow, (NEWEST_OF_DATASET, name))
    return row.count if row else 0


def _keep_number(session: Session, row: DatasetRow) -> None:
    kept = session.get(CounterRow, (NEWEST_OF_DATASET, row.name))
    if kept is None:
        kept = CounterRow(name=NEWEST_OF_DATASET, label=row.name, count=0)
        session.add(kept)
    kept.count = max(kept.count, row.version)
