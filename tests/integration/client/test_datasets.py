"""Datasets by the client: collect pictures with labels, correct them and remove them."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from naivenet_client import Client, Conflict, Dataset, InvalidInput, NotFound
from service.domain.ids import new_id

ONE = [[255 if 4 <= y < 24 and 13 <= x < 16 else 0 for x in range(28)] for y in range(28)]


@pytest.fixture
def mine(naive: Client) -> Iterator[Dataset]:
    """An empty dataset."""
    dataset = naive.datasets.create(new_id("mine"))
    yield dataset
    dataset.delete()


def test_pictures_are_collected_corrected_and_removed(naive: Client, mine: Dataset) -> None:
    """Each change makes a version; the original picture is the bytes that were sent."""
    batch = np.array([ONE, ONE], np.uint8)
    first, second = mine.add(batch, [1, 7], split="test")
    assert [first.label, second.label, first.split] == [1, 7, "test"]
    assert naive.datasets.samples.update(mine.name, second.id, label=1, split="train").label == 1
    assert [each.id for each in mine.samples(label=1, split="train")] == [second.id]
    assert naive.datasets.samples.get(mine.name, first.id) == first
    assert naive.datasets.image(mine.name, 0).png == first.png
    naive.datasets.samples.delete(mine.name, first.id)
    newest = mine.refresh()
    assert (newest.version, newest.train.counts[1], newest.test.samples) == (4, 1, 0)
    assert naive.datasets.get(mine.name, version=2).test.samples == 2
    assert [each.version for each in naive.datasets.versions(mine.name)] == [4, 3, 2, 1]
    assert "version 4, 1 + 0 pictures" in repr(newest)


def test_one_picture_and_one_label(naive: Client, mine: Dataset) -> None:
    """A nested list is one picture; one label is for all, and too few labels are refused before anything is sent."""
    assert [each.label for each in mine.add(ONE, 3)] == [3]
    assert [each.label for each in mine.add([ONE, ONE], 4)] == [4, 4]
    with pytest.raises(ValueError, match="2 pictures, but 1 labels"):
        mine.add([ONE, ONE], [4])
    with pytest.raises(NotFound):
        naive.datasets.samples.original(mine.name, mine.samples(limit=1).all()[0].id)


def test_all_datasets_are_listed(naive: Client, mine: Dataset) -> None:
    """MNIST is read-only; a name exists once."""
    found = {each.name: each for each in naive.datasets.list()}
    assert found["mnist"].train.samples == 60_000
    with pytest.raises(Conflict):
        found["mnist"].delete()
    with pytest.raises(Conflict):
        naive.datasets.create(mine.name)


@pytest.mark.usefixtures("trained")
def test_a_dataset_is_taught(naive: Client, mine: Dataset) -> None:
    """The lesson has the metrics on both datasets, in the result, in each epoch and in a table."""
    mine.add(ONE, 1)
    job = mine.teach(epochs=1, seed=1).wait(progress=False)
    mix = [(each.name, each.weight, each.version) for each in job.datasets or ()]
    assert mix == [("mnist", 0.1, None), (mine.name, 20, 2)]
    assert job.result is not None
    assert [(each.dataset, each.split) for each in job.result.sets] == [("mnist", "test"), (mine.name, "train")]
    history = job.history("epoch")
    assert history.data[-1].sets == job.result.sets
    assert f"{mine.name}_train_accuracy" in history.to_pandas().columns
    checkpoint = naive.checkpoints.get(job.result.checkpoint_id)
    assert checkpoint.evaluation(dataset=mine.name).accuracy == job.result.sets[1].accuracy


def test_a_file_becomes_a_dataset_and_a_file_again(naive: Client, mine: Dataset, tmp_path: Path) -> None:
    """A folder of labelled pictures is uploaded; the export is read again, by its path or its bytes."""
    for label in "17":
        folder = tmp_path / "digits" / label
        folder.mkdir(parents=True)
        Image.fromarray(np.array(ONE, np.uint8)).save(folder / "one.png")
        os.utime(folder / "one.png", (0, 0))  # as some images of containers have it
    made = [naive.datasets.create(new_id("up"), tmp_path / "digits", test_share=0.0)]
    assert made[0].train.counts == (0, 1, 0, 0, 0, 0, 0, 1, 0, 0)
    path = made[0].export(tmp_path, format="zip")
    assert path.name == f"{made[0].name}-1.zip"
    made.append(naive.datasets.create(new_id("up"), path))
    made.append(
        naive.datasets.create(new_id("up"), naive.datasets.export(made[0].name, tmp_path / "a.npz").read_bytes())
    )
    assert len({each.digest for each in made}) == 1
    with pytest.raises(InvalidInput, match="no line with numbers"):
        naive.datasets.create(new_id("up"), b"")
    for each in made:
        each.delete()
