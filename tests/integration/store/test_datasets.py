"""Datasets: a version for each change, samples with a label, and the limits of the operator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest

from naivenet.datasets import digest
from service.composition import Services
from service.domain.dataset import Dataset, DatasetLimits, DatasetVersion, Original, Part, Sample, Split
from service.domain.ids import new_id
from service.domain.listing import Listing
from service.errors import Conflict, IdempotencyConflict, NotFound, StillInUse, TooLarge
from service.store import DatasetStore, SampleStore
from service.store.datasets.rows import lock_dataset_for_use
from service.store.datasets.samples import SampleFilter
from service.store.idempotency import IdempotencyKey


def empty(name: str = "mine", **fields: object) -> Dataset:
    """Return a new dataset without pictures."""
    at = DatasetVersion(version=None, train=Part(), test=Part(), digest=None, created_at=None)
    return Dataset(name=name, source="uploaded", at=at, id=new_id("ds"), **fields)


def sample(label: int = 1, split: Split = "train", grey: int = 0, original: Original | None = None) -> Sample:
    """Return a sample of one grey level."""
    return Sample(
        id=new_id("smp"),
        label=label,
        split=split,
        pixels=bytes([grey]) * 784,
        report={"width": 28},
        original=original,
        created_at=datetime.now(UTC),
    )


@pytest.fixture
def mine(services: Services) -> Dataset:
    """A dataset without pictures."""
    return services.datasets.create(empty())


def greys(services: Services, version: int, split: str = "train") -> list[tuple[int, int]]:
    """Return grey level and label of each picture of a part of a version."""
    arrays = services.dataset_files.load(services.datasets.get("mine", version))
    images, labels = getattr(arrays, f"x_{split}"), getattr(arrays, f"y_{split}")
    assert images.shape == (len(labels), 28, 28)
    return [(int(image[0, 0]), int(label)) for image, label in zip(images, labels, strict=True)]


def test_a_change_makes_a_version(services: Services, mine: Dataset) -> None:
    """Several samples at once make one version, and an earlier version can be built again exactly."""
    (first, second), at = services.samples.add("mine", [sample(1, grey=10), sample(7, "test", grey=20)])
    assert (mine.version, at.version, at.versions) == (1, 2, 2)
    assert (at.train.counts[1], at.train.samples, at.test.counts[7], at.test.samples) == (1, 1, 1, 1)
    changed, _ = services.samples.update("mine", first.id, label=4, split="test")
    assert (changed.id, changed.label, changed.split, changed.pixels) == (first.id, 4, "test", first.pixels)
    services.samples.remove("mine", second.id)
    assert [greys(services, version) for version in (1, 2, 3, 4)] == [[], [(10, 1)], [], []]
    assert [greys(services, version, "test") for version in (2, 3, 4)] == [[(20, 7)], [(10, 4), (20, 7)], [(10, 4)]]
    assert [each.version for each in services.datasets.versions("mine")] == [4, 3, 2, 1]


def test_two_changes_at_once_make_two_versions(services: Services, mine: Dataset) -> None:
    """The second waits for the first: no picture is lost, and no number is used twice."""
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda grey: services.samples.add("mine", [sample(1, grey=grey)])[1], range(8)))
    assert sorted(each.version or 0 for each in made) == list(range(2, 10))
    assert services.datasets.get("mine").train.counts[1] == 8
    assert sorted(grey for grey, _ in greys(services, 9)) == list(range(8))


def test_uploaded_arrays_come_before_samples(services: Services) -> None:
    """A version has the uploaded arrays, and then the samples in the order of their addition."""
    new = empty()
    images, labels = np.full((2, 28, 28), 5, np.uint8), np.array([3, 8], np.uint8)
    arrays = {"x_train": images, "y_train": labels, "x_test": images[:0], "y_test": labels[:0]}
    size, sha256 = services.dataset_files.write_arrays(new.id or "", arrays)
    services.datasets.create(Dataset(**vars(new) | {"bytes": size, "sha256": sha256}))
    services.samples.add("mine", [sample(1, grey=9), sample(2, grey=8)])
    assert greys(services, 2) == [(5, 3), (5, 8), (9, 1), (8, 2)]
    assert greys(services, 2, "test") == []


def test_the_digest_is_of_the_arrays(services: Services, mine: Dataset) -> None:
    """It is computed once, stored, and the same for the same arrays."""
    services.samples.add("mine", [sample(1, grey=9)])
    found = services.dataset_files.with_digest(services.datasets.get("mine"))
    assert found.digest == digest(services.dataset_files.load(found))
    assert services.datasets.get("mine").digest == found.digest
    assert services.dataset_files.with_digest(mine).digest != found.digest


def test_a_change_without_a_difference_makes_no_version(services: Services, mine: Dataset) -> None:
    """The same label again changes nothing."""
    (first,), _ = services.samples.add("mine", [sample(1)])
    _, at = services.samples.update("mine", first.id, label=1, split="train")
    assert at.version == 2


def test_samples_are_listed_and_filtered(services: Services, mine: Dataset) -> None:
    """The list has the samples of the newest version, the newest first, of a label or a split."""
    added, _ = services.samples.add("mine", [sample(1), sample(7), sample(1, "test")])
    services.samples.update("mine", added[1].id, label=1, split=None)
    everything, _ = services.samples.page("mine", Listing(), SampleFilter())
    assert [each.id for each in everything] == [each.id for each in reversed(added)]
    page, has_more = services.samples.page("mine", Listing(limit=1), SampleFilter(label=1, split="train"))
    assert ([each.id for each in page], has_more) == ([added[1].id], True)
    assert services.samples.page("mine", Listing(), SampleFilter(label=7)) == ([], False)


@pytest.mark.parametrize("call", ["get", "remove"])
def test_a_removed_sample_is_not_found(services: Services, mine: Dataset, call: str) -> None:
    """A sample that was removed, or is another dataset's, does not exist."""
    (first,), _ = services.samples.add("mine", [sample(1)])
    services.datasets.create(empty("other"))
    services.samples.remove("mine", first.id)
    for name in ("mine", "other"):
        with pytest.raises(NotFound, match="sample"):
            getattr(services.samples, call)(name, first.id)


def test_a_repeated_key_adds_nothing(services: Services) -> None:
    """It returns the first dataset, and the first samples; another body is refused."""
    key = IdempotencyKey(key="k", digest="a")
    first = services.datasets.create(empty(), key)
    assert services.datasets.create(empty(), key).id == first.id
    of_samples = IdempotencyKey(key="s", digest="a")
    (added,), _ = services.samples.add("mine", [sample(1)], of_samples)
    (again,), at = services.samples.add("mine", [sample(1)], of_samples)
    assert (again.id, at.version) == (added.id, 2)
    with pytest.raises(IdempotencyConflict):
        services.samples.add("mine", [sample(1)], IdempotencyKey(key="s", digest="b"))


def test_the_bytes_are_those_of_pixels_and_originals(services: Services, mine: Dataset) -> None:
    """A removed sample frees its original picture; its pixels, with each label that it had, stay for old versions."""
    original = Original(bytes=1000, sha256="0" * 64, media_type="image/png")
    (first,), at = services.samples.add("mine", [sample(1, original=original)])
    assert at.bytes == 1784
    assert services.pairing.file_ids() == {first.id}
    changed, at = services.samples.update("mine", first.id, label=7, split=None)
    assert (changed.id, at.bytes) == (first.id, 1784 + 784)
    assert services.samples.remove("mine", first.id).bytes == 2 * 784
    assert services.pairing.file_ids() == set()


def test_a_name_exists_once(services: Services, mine: Dataset) -> None:
    """A second dataset of the same name is refused."""
    with pytest.raises(Conflict, match="There is a dataset 'mine'"):
        services.datasets.create(empty())


def test_the_number_of_datasets_is_limited(services: Services, mine: Dataset) -> None:
    """One over the limit is refused."""
    limits = DatasetLimits(max_datasets=1, max_samples=9, max_bytes=9999)
    with pytest.raises(TooLarge, match="which is the limit"):
        DatasetStore(services.database, limits).create(empty("other"))


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        ({"max_samples": 1}, "2 pictures, but the limit is 1"),
        ({"max_bytes": 1500}, "1,568 bytes, but the limit is 1,500"),
    ],
    ids=["samples", "bytes"],
)
def test_limits(services: Services, mine: Dataset, limits: dict[str, int], fault: str) -> None:
    """What is over a limit is refused as a whole, and the message names the limit."""
    limited = DatasetLimits(**{"max_datasets": 9, "max_samples": 9, "max_bytes": 9999} | limits)
    with pytest.raises(TooLarge, match=fault):
        SampleStore(services.database, limited).add("mine", [sample(1), sample(2)])
    assert services.datasets.get("mine").version == 1


def test_a_dataset_over_a_limit_can_shrink(services: Services, mine: Dataset) -> None:
    """After the operator lowered a limit, samples can still be removed, but neither added nor changed."""
    (first, second), _ = services.samples.add("mine", [sample(1), sample(2)])
    limited = SampleStore(services.database, DatasetLimits(max_datasets=9, max_samples=9, max_bytes=100))
    with pytest.raises(TooLarge, match="2,352 bytes, but the limit is 100"):
        limited.update("mine", first.id, label=7, split=None)
    assert limited.remove("mine", second.id).train.samples == 1


def test_an_unfinished_job_keeps_its_dataset(services: Services, mine: Dataset, queue: Callable[..., str]) -> None:
    """Until the job ends, the dataset cannot be deleted."""
    job = queue(dataset="mine")
    with pytest.raises(StillInUse, match=job):
        services.datasets.delete("mine")
    services.jobs.cancel(job)
    assert services.datasets.delete("mine") == (mine.id, [])
    with pytest.raises(NotFound), services.database.write() as session:
        lock_dataset_for_use(session, "mine")


def test_no_number_of_a_version_is_used_again(services: Services, mine: Dataset) -> None:
    """A new dataset of a deleted one's name goes on counting, so that a job's version means one thing."""
    services.samples.add("mine", [sample(1)])
    services.datasets.delete("mine")
    again = services.datasets.create(empty())
    assert (again.version, again.versions, again.train.samples) == (3, 1, 0)
