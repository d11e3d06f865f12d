"""Creates, fills and deletes datasets: the files first, then the rows, and the other way round to delete."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import naivenet
from service.composition import Services
from service.domain.dataset import DATASET, SAMPLE, Dataset, DatasetVersion, Part, Sample, Split
from service.domain.ids import new_id
from service.domain.key import Creator
from service.errors import Conflict, Unavailable
from service.inference.pictures.report import PreparationReport
from service.inference.requests.labelled import LabelledPicture
from service.jobs.datasets import files
from service.jobs.datasets.finding import check_writable, owner_of
from service.storage.dataset_files import Arrays, as_dataset
from service.store.idempotency import IdempotencyKey

#: What the report on a sample's preparation has; the answer to a prediction has the same, and notes.
REPORTED = ("width", "height", "prepare", "method", "inverted", "crop", "shift", "removed", "warnings")


def create(
    services: Services,
    name: str,
    *,
    arrays: Arrays | None = None,
    created_by: Creator | None = None,
    key: IdempotencyKey | None = None,
) -> Dataset:
    """Create a dataset from uploaded arrays, or an empty one to collect samples in.

    Raises:
        Conflict: There is a dataset or a file of this name.
        TooLarge: It is over a limit.
        IdempotencyConflict: The key was used before, with another body.
    """
    if name in files.available(services.settings.resolved_datasets_dir):
        raise Conflict(f"{owner_of(name)}; choose another name.")
    new_files = _NewFiles(services)
    with new_files:
        dataset = new_files.dataset(name, arrays, created_by)
        created = services.datasets.create(dataset, key)
        new_files.keep(created.id)
    return services.dataset_files.with_digest(created)


def add_samples(
    services: Services, name: str, pictures: Sequence[LabelledPicture], key: IdempotencyKey | None = None
) -> tuple[list[Sample], Dataset]:
    """Add pictures to a dataset, all of them or none; return the samples, and the dataset's new version.

    Raises:
        NotFound: There is no such dataset.
        Conflict: It is read-only.
        TooLarge: The dataset would be over a limit.
        IdempotencyConflict: The key was used before, with another body.
    """
    check_writable(services, name)
    new_files = _NewFiles(services)
    with new_files:
        new = new_files.samples(pictures)
        added, dataset = services.samples.add(name, new, key)
        new_files.keep(*(each.id for each in added))
    return added, services.dataset_files.with_digest(dataset)


def remove_sample(services: Services, name: str, sample_id: str) -> None:
    """Remove a sample, and delete its original picture.

    Raises:
        NotFound: There is no such dataset or sample.
        Conflict: The dataset is read-only.
    """
    check_writable(services, name)
    services.samples.remove(name, sample_id)
    services.dataset_files.delete([sample_id])


def change_sample(services: Services, name: str, sample_id: str, *, label: int | None, split: Split | None) -> Sample:
    """Change the label or the split of a sample; None leaves it.

    Raises:
        NotFound: There is no such dataset or sample.
        Conflict: The dataset is read-only.
        TooLarge: The dataset would be over a limit.
    """
    check_writable(services, name)
    return services.samples.update(name, sample_id, label=label, split=split)[0]


def delete(services: Services, name: str) -> None:
    """Delete a dataset with all its versions and files.

    Raises:
        NotFound: There is no such dataset.
        Conflict: It is read-only.
        StillInUse: A job that has not finished uses it.
    """
    check_writable(services, name)
    dataset_id, sample_ids = services.datasets.delete(name)
    services.dataset_files.delete([dataset_id, *sample_ids])


class _NewFiles(contextlib.AbstractContextManager["_NewFiles"]):
    """Writes the files of new rows; on leaving, deletes those whose rows were not added.

    After an `Unavailable` nothing is deleted: the transaction may be committed. The sweeper collects what has no row.
    """

    def __init__(self, services: Services) -> None:
        self._files, self._written, self._kept = services.dataset_files, set[str](), set[str]()

    def dataset(self, name: str, arrays: Arrays | None, created_by: Creator | None) -> Dataset:
        """Return a new dataset, after writing its arrays."""
        dataset_id, size, sha256, digest, train, test = new_id(DATASET), 0, None, None, Part(), Part()
        if arrays is not None:
            self._written.add(dataset_id)
            size, sha256 = self._files.write_arrays(dataset_id, arrays)
            digest = naivenet.datasets.digest(as_dataset(arrays))
            train, test = Part.of(arrays["y_train"]), Part.of(arrays["y_test"])
        at = DatasetVersion(version=None, train=train, test=test, digest=digest, created_at=None)
        fields: Mapping[str, Any] = {"id": dataset_id, "bytes": size, "sha256": sha256, "created_by": created_by}
        return Dataset(name=name, source="uploaded", at=at, **fields)

    def samples(self, pictures: Sequence[LabelledPicture]) -> list[Sample]:
        """Return new samples in the order of their ids, after writing their original pictures."""
        ids = sorted(new_id(SAMPLE) for _ in pictures)
        return [self._sample(*each) for each in zip(ids, pictures, strict=True)]

    def keep(self, *ids: str | None) -> None:
        """Keep the files of these rows."""
        self._kept.update(filter(None, ids))

    def __exit__(self, _: object, error: BaseException | None, *__: object) -> None:
        """Delete all other files."""
        if not isinstance(error, Unavailable):
            self._files.delete(self._written - self._kept)

    def _sample(self, sample_id: str, picture: LabelledPicture) -> Sample:
        original = None
        if picture.original is not None:
            self._written.add(sample_id)
            original = self._files.write_original(sample_id, picture.original, picture.media_type)
        return Sample(
            id=sample_id,
            label=picture.label,
            split=picture.split,
            pixels=picture.pixels,
            report=_reported(picture.report),
            original=original,
            created_at=datetime.now(UTC),
        )


def _reported(report: PreparationReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in REPORTED}
