"""Bytes arrive whole or not at all, and are checked on the way back."""

import threading
from pathlib import Path

import pytest

import naivenet
from service.composition import Services
from service.domain.config import ConfigLimits
from service.errors import CorruptCheckpoint, InvalidInput, StorageFull
from service.storage.blobs import PARTIAL, BlobStore, digest
from tests.object_store import ObjectStore
from tests.stored import notebook_weights

LIMITS = ConfigLimits(max_epochs=1, max_layers=2, max_units=512)


@pytest.fixture(params=["folder", "memory", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """A store in a folder, one by URL, and one in a bucket."""
    if request.param == "s3":
        bucket: ObjectStore = request.getfixturevalue("object_store")
        return BlobStore(bucket.url(tmp_path.name), bucket.options())
    return BlobStore(str(tmp_path / "blobs") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_is_written_is_read(blobs: BlobStore) -> None:
    """Under its name, checked by its digest."""
    blobs.write("a", b"one")
    assert blobs.read("a", sha256=digest(b"one")) == b"one"
    assert blobs.names() == {"a"}


def test_the_newest_is_read(blobs: BlobStore) -> None:
    """A name written again has the new bytes."""
    blobs.write("a", b"one")
    blobs.write("a", b"another")
    assert blobs.read("a") == b"another"


def test_damage_is_noticed(blobs: BlobStore) -> None:
    """The text says that it is damage."""
    blobs.write("a", b"one")
    with pytest.raises(CorruptCheckpoint, match="'a' is damaged"):
        blobs.read("a", sha256=digest(b"two"))


def test_what_is_missing_is_told(blobs: BlobStore) -> None:
    """As a checkpoint that is corrupt, for its row spoke of bytes."""
    with pytest.raises(CorruptCheckpoint, match="'a' is missing"):
        blobs.read("a")


def test_deleting_what_is_gone_is_no_error(blobs: BlobStore) -> None:
    """Whoever was quicker did the same."""
    blobs.write("a", b"one")
    blobs.delete("a", "b")
    blobs.delete("a")
    assert blobs.names() == set()


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the name nor a part: the old bytes stay."""
    blobs = BlobStore(str(tmp_path))
    blobs.write("a", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFull, match="no space"):
        blobs.write("a", b"new")
    assert (blobs.names(), blobs.read("a")) == ({"a"}, b"old")


def test_no_reader_sees_a_part(tmp_path: Path) -> None:
    """While a name is written again and again, every read is whole, and unfinished writes have names of their own."""
    blobs, versions = BlobStore(str(tmp_path)), [bytes([i]) * 300_000 for i in range(2)]
    blobs.write("a", versions[0])
    done = threading.Event()

    def write() -> None:
        for i in range(30):
            blobs.write("a", versions[i % 2])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert blobs.read("a") in versions
        assert all(name == "a" or name.startswith(PARTIAL) for name in blobs.names())
    writer.join()
    assert blobs.names() == {"a"}


def test_an_upload_is_kept(services: Services) -> None:
    """Exported in both forms, the same bytes each time, and the same numbers."""
    model = notebook_weights()
    kept = services.weights.upload(naivenet.to_npz(model), naivenet.NOTEBOOK_NETWORK, LIMITS)
    assert services.checkpoints.get(kept.id) == kept
    assert services.weights.export(kept, "safetensors") == naivenet.to_safetensors(model)
    assert services.weights.export(kept, "npz") == naivenet.to_npz(model) == services.weights.export(kept, "npz")


def test_an_upload_that_does_not_fit_leaves_nothing(services: Services) -> None:
    """No row, and no bytes."""
    network = naivenet.Network.from_dict({"layers": [{"units": 10, "activation": "softmax"}]})
    with pytest.raises(InvalidInput):
        services.weights.upload(naivenet.to_npz(notebook_weights()), network, LIMITS)
    assert (services.checkpoints.ids(), services.blobs.names()) == (set(), set())


def test_what_is_removed_is_gone(services: Services) -> None:
    """The row and the bytes."""
    kept = services.weights.upload(naivenet.to_safetensors(notebook_weights()), None, LIMITS)
    services.weights.delete(kept.id)
    assert (services.checkpoints.ids(), services.blobs.names()) == (set(), set())
