"""Files that belong to no checkpoint are moved into the trash after a while; all others stay."""

import io
import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from naivenet import to_safetensors
from service.composition import Services, compose
from service.domain.checkpoint import Checkpoint
from service.inference.pictures.report import UNCHANGED
from service.inference.requests.labelled import LabelledPicture
from service.jobs.datasets import collecting
from service.settings import Settings
from service.storage.blobs import STORE_ID
from service.training.trainer.sweeper import Sweeper
from tests.stored import checkpoint, notebook_weights

AGES = (0, 30, 60, 90, 120)


def sweeper(services: Services) -> Sweeper:
    """Build a sweeper that sweeps files which have been unknown for 100 s."""
    return Sweeper(services, after_s=100)


def uploaded(services: Services) -> Checkpoint:
    """Upload a checkpoint."""
    return services.weights.upload(io.BytesIO(to_safetensors(notebook_weights())), None, services.limits)


@pytest.fixture
def known(services: Services) -> Checkpoint:
    """A checkpoint in the database and in the store."""
    return uploaded(services)


def test_files_without_a_checkpoint_are_moved_into_the_trash(services: Services, known: Checkpoint) -> None:
    """Once they have been unknown for long enough; unfinished files and snapshots of weights are deleted."""
    lost = {"ckpt_gone.safetensors", "ckpt_gone.state.safetensors"}
    for name in (*lost, ".partial-x", "live-job_1.safetensors"):
        services.blobs.write(name, b"bytes")
    sweep = sweeper(services).sweep
    assert [len(sweep(now=now)) for now in AGES] == [0, 0, 0, 0, 4]
    assert services.blobs.names() == {known.weights_blob}
    (day,) = services.trash.days()
    assert services.blobs.names(f"trash/{day}") == lost


def test_files_of_a_checkpoint_stay(services: Services, known: Checkpoint) -> None:
    """Their age does not matter."""
    sweep = sweeper(services).sweep
    assert [sweep(now=now) for now in (0, 60, 120, 1000)] == [[]] * 4
    assert services.weights.read(known)


def test_files_of_datasets_stay(services: Services) -> None:
    """Uploaded arrays and original pictures belong to their rows, also where no checkpoint is known."""
    images = np.zeros((1, 28, 28), np.uint8)
    halves = {"x_train": images, "y_train": images[:, 0, 0], "x_test": images[:0], "y_test": images[:0, 0, 0]}
    collecting.create(services, "mine", arrays=halves)
    picture = LabelledPicture(label=1, split="train", pixels=bytes(784), report=UNCHANGED, original=b"a picture")
    collecting.add_samples(services, "mine", [picture])
    files = services.blobs.names()
    assert len(files) == 2
    sweep = sweeper(services).sweep
    assert [sweep(now=now) for now in (0, 60, 1000)] == [[]] * 3
    assert services.blobs.names() == files


def test_a_file_whose_row_is_added_later_stays(services: Services, known: Checkpoint) -> None:
    """A worker writes the bytes of a checkpoint first and adds its row later."""
    late = checkpoint()
    services.blobs.write(late.weights_blob, b"bytes")
    sweep = sweeper(services).sweep
    sweep(now=0)
    services.checkpoints.add(late)
    assert sweep(now=1000) == []
    assert services.blobs.names() == {late.weights_blob, known.weights_blob}


def test_what_a_restored_database_knows_is_moved_back(services: Services, known: Checkpoint) -> None:
    """A checkpoint whose row comes back, as from an older copy of the database, gets its files back."""
    again = checkpoint()
    services.blobs.write(again.weights_blob, b"bytes")
    sweep = sweeper(services).sweep
    assert [len(sweep(now=now)) for now in (0, 100)] == [0, 1]
    services.checkpoints.add(again)
    sweep(now=200)
    assert services.blobs.names() == {again.weights_blob, known.weights_blob}


@pytest.mark.usefixtures("known")
def test_the_trash_is_emptied_after_some_days(services: Services) -> None:
    """Files older than the setting are deleted; a folder that is no day is left alone."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=age) for age in (8, 7, 0)]
    for folder in (*days, "by-hand"):
        services.blobs.write("a", b"bytes")
        services.blobs.move("a", f"trash/{folder}/a")
    sweeper(services).sweep(now=0)
    assert services.trash.days() == days[1:]
    assert services.blobs.names("trash/by-hand") == {"a"}


def emptied(services: Services, folder: Path) -> Services:
    """Return a service with a new database on the same store."""
    folder.mkdir()
    return compose(Settings(data_dir=folder, storage_url=services.settings.resolved_storage_url))


@pytest.mark.usefixtures("known")
def test_another_database_sweeps_nothing(services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither an empty database nor one with checkpoints of its own may sweep the store; the log says why, once."""
    sweeper(services).sweep(now=0)
    names = services.blobs.names()
    other = emptied(services, tmp_path / "other")
    sweep = sweeper(other).sweep
    with caplog.at_level(logging.ERROR):
        assert [sweep(now=now) for now in AGES] == [[]] * 5
        own = uploaded(other)
        assert [sweep(now=1000 + now) for now in AGES] == [[]] * 5
    assert services.blobs.names() == names | {own.weights_blob}
    assert len([each for each in caplog.messages if "is not swept" in each]) == 1
    assert other.pairing.adopt() == (1, 1)
    assert [len(sweep(now=2000 + now)) for now in AGES] == [0, 0, 0, 0, 1]
    other.close()


@pytest.mark.usefixtures("known")
def test_an_emptied_database_of_the_same_installation_sweeps_nothing(services: Services) -> None:
    """Where the database knows no checkpoint at all, its deletion is likelier than so much waste."""
    sweep = sweeper(services).sweep
    sweep(now=0)
    services.blobs.write("ckpt_x.safetensors", b"bytes")
    (row,) = services.checkpoints.ids()
    services.checkpoints.delete(row)
    assert [sweep(now=now) for now in (100, 200, 300)] == [[]] * 3


def test_a_store_that_is_empty_for_once_is_not_adopted(services: Services, known: Checkpoint) -> None:
    """A store whose disk is not mounted lacks the id; when it is back, the two belong together as before."""
    sweep, folder = sweeper(services).sweep, services.settings.data_dir / "checkpoints"
    sweep(now=0)
    away = folder.rename(folder.with_name("away"))
    folder.mkdir()
    sweep(now=100)
    assert "does not carry" in (services.pairing.problem() or "")
    shutil.rmtree(folder)
    away.rename(folder)
    assert services.pairing.problem() is None
    assert services.weights.read(known)


@pytest.mark.usefixtures("known")
def test_an_older_installation_gets_its_id_at_its_first_sweep(services: Services) -> None:
    """Database and store carry the same id from then on."""
    assert services.pairing.problem() is None
    sweeper(services).sweep(now=0)
    assert services.blobs.read(STORE_ID).startswith(b"store_")
    services.blobs.write(STORE_ID, b"store_another")
    assert "belongs to another database" in (services.pairing.problem() or "")
