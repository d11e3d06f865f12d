"""A dataset is found by its name and version: MNIST, an uploaded one, or a file of the operator's folder."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import naivenet
from service.composition import Services
from service.domain.dataset import Dataset, DatasetVersion, Part, Sample, arrays_blob_of
from service.domain.ids import new_id
from service.errors import CorruptCheckpoint, InvalidInput, NotFound
from service.jobs import datasets
from service.jobs.datasets import collecting


def sample() -> Sample:
    """Return a black picture."""
    now = datetime.now(UTC)
    return Sample(id=new_id("smp"), label=1, split="train", pixels=bytes(784), report={}, original=None, created_at=now)


@pytest.fixture
def mine(services: Services) -> Services:
    """Services with the dataset ``mine``, which is empty in its first version and has a picture in its second."""
    at = DatasetVersion(version=None, train=Part(), test=Part(), digest=None, created_at=None)
    services.datasets.create(Dataset(name="mine", source="uploaded", at=at, id=new_id("ds")))
    services.samples.add("mine", [sample()])
    return services


@pytest.fixture
def tiny_too(mine: Services, tiny: Path) -> Services:
    """The same services with the file ``tiny`` in the operator's folder."""
    shutil.copytree(tiny, mine.settings.resolved_datasets_dir, dirs_exist_ok=True)
    return mine


def test_all_datasets_are_described(tiny_too: Services) -> None:
    """Each has its source, its counts and its digest; only an uploaded one has versions."""
    (tiny_too.settings.resolved_datasets_dir / "broken.npz").write_bytes(b"nothing")
    found = {each.name: each for each in datasets.find_all(tiny_too)}
    assert [(each.name, each.source, each.version) for each in found.values()] == [
        ("broken", "folder", None),
        ("mine", "uploaded", 2),
        ("mnist", "built_in", None),
        ("tiny", "folder", None),
    ]
    assert found["mnist"].train.counts == (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
    assert found["mnist"].digest == naivenet.datasets.digest(naivenet.datasets.load())
    assert "not an .npz file" in str(found["broken"].fault)
    assert datasets.names(tiny_too) == ["mnist", "broken", "mine", "tiny"]


def test_a_list_reads_no_uploaded_arrays(services: Services) -> None:
    """A damaged dataset does not keep the others from the list."""
    one = np.zeros((1, 28, 28), np.uint8)
    arrays = {"x_train": one, "y_train": one[:, 0, 0], "x_test": one, "y_test": one[:, 0, 0]}
    mine = collecting.create(services, "mine", arrays=arrays)
    services.blobs.delete(arrays_blob_of(mine.id or ""))
    added, _ = services.samples.add("mine", [sample()])
    services.samples.update("mine", added[0].id, label=7, split=None)
    assert [(each.name, each.version, each.digest is None) for each in datasets.find_all(services)] == [
        ("mine", 3, True),
        ("mnist", None, False),
    ]
    with pytest.raises(CorruptCheckpoint):
        datasets.find(services, "mine")


@pytest.mark.parametrize(("name", "version", "train"), [("mnist", None, 60_000), ("mine", 2, 1), ("mine", 1, 0)])
def test_a_version_is_loaded(mine: Services, name: str, version: int | None, train: int) -> None:
    """MNIST and files have no version; an earlier version of an uploaded dataset is built again."""
    found, data = datasets.find(mine, name, version), datasets.load_version(mine, name, version)
    assert len(data.x_train) == len(data.y_train) == found.train.samples == train
    assert naivenet.datasets.digest(data) == found.digest


def test_a_job_gets_the_newest_version(tiny_too: Services) -> None:
    """A name without a version resolves to the newest version of an uploaded dataset, and to None for a file."""
    assert datasets.resolve(tiny_too, "mine").version == 2
    assert datasets.resolve(tiny_too, "tiny").version is None


@pytest.mark.parametrize(
    ("name", "version", "pointer", "fault"),
    [
        ("mein", None, "/datasets/0", "choose one of: mnist, mine"),
        ("mine", 9, "/dataset_version", "has no version 9"),
        ("mnist", 1, "/dataset_version", "has no version 1"),
        ("mine", 1, "/datasets/0", "has no training pictures yet"),
    ],
)
def test_a_job_cannot_name_what_is_not_there(
    mine: Services, name: str, version: int | None, pointer: str, fault: str
) -> None:
    """The error points at the place in the body, and says what there is."""
    with pytest.raises(InvalidInput, match=fault) as refused:
        datasets.resolve(mine, name, version, pointer="/datasets/0")
    assert refused.value.errors[0].pointer == pointer


def test_a_deleted_dataset_is_not_found(mine: Services) -> None:
    """A version that a job names is gone with its dataset, also after a new one of the same name."""
    mine.datasets.delete("mine")
    at = DatasetVersion(version=None, train=Part(), test=Part(), digest=None, created_at=None)
    mine.datasets.create(Dataset(name="mine", source="uploaded", at=at, id=new_id("ds")))
    with pytest.raises(NotFound):
        datasets.load_version(mine, "mine", 2)
