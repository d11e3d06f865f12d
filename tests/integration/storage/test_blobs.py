"""The blob store writes atomically and checks digests; weights are stored in it."""

import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import naivenet
from service.composition import Services
from service.domain.config import ConfigLimits
from service.errors import CorruptCheckpoint, InvalidInput, StorageFull
from service.storage.blobs import PART_BYTES, PARTIAL, BlobStore, digest, parts
from tests.object_store import ObjectStore
from tests.stored import notebook_weights

LIMITS = ConfigLimits(max_epochs=1, max_layers=2, max_units=512)


@pytest.fixture(params=["folder", "memory", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """A store in a folder, one in memory, and one in a bucket."""
    if request.param == "s3":
        bucket: ObjectStore = request.getfixturevalue("object_store")
        return BlobStore(bucket.url(tmp_path.name), bucket.options())
    return BlobStore(str(tmp_path / "blobs") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_written_bytes_can_be_read(blobs: BlobStore) -> None:
    """Bytes are read by their name, and compared with their digest."""
    blobs.write("a", b"one")
    assert blobs.read("a", sha256=digest(b"one")) == b"one"
    assert blobs.names() == {"a"}


def test_the_newest_bytes_are_read(blobs: BlobStore) -> None:
    """Writing a name again replaces its bytes."""
    blobs.write("a", b"one")
    blobs.write("a", b"another")
    assert blobs.read("a") == b"another"


def test_damaged_bytes_are_refused(blobs: BlobStore) -> None:
    """Bytes with another digest are refused; the message says that they are damaged."""
    blobs.write("a", b"one")
    with pytest.raises(CorruptCheckpoint, match="'a' is damaged"):
        blobs.read("a", sha256=digest(b"two"))


def test_missing_bytes_are_refused(blobs: BlobStore) -> None:
    """A missing file is a corrupt checkpoint, since its row exists."""
    with pytest.raises(CorruptCheckpoint, match="'a' is missing"):
        blobs.read("a")


def test_deleting_is_idempotent(blobs: BlobStore) -> None:
    """Deleting a missing file is no error: another process may have deleted it."""
    blobs.write("a", b"one")
    blobs.delete("a", "b")
    blobs.delete("a")
    assert blobs.names() == set()


def test_a_failed_write_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed write the old bytes are there, and no unfinished file."""
    blobs = BlobStore(str(tmp_path))
    blobs.write("a", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFull, match="no space"):
        blobs.write("a", b"new")
    assert (blobs.names(), blobs.read("a")) == ({"a"}, b"old")


def test_readers_never_see_part_of_a_file(tmp_path: Path) -> None:
    """While a file is replaced again and again, every read is complete; unfinished files have names of their own."""
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


def test_a_file_in_pieces(blobs: BlobStore) -> None:
    """A file that is written in pieces appears as a whole, and can be measured, compared and read in parts."""
    whole = bytes(range(256)) * (PART_BYTES // 100)
    with blobs.writing("large") as file:
        for start in range(0, len(whole), 100_000):
            file.write(whole[start : start + 100_000])
    assert (blobs.size("large"), blobs.digest("large")) == (len(whole), digest(whole))
    assert b"".join(blobs.read_part("large", first, end) for first, end in parts(7, len(whole))) == whole[7:]
    blobs.check("large", sha256=digest(whole))
    with pytest.raises(CorruptCheckpoint, match="damaged"):
        blobs.check("large", sha256=digest(b"another"))


def test_a_local_file_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads of one file hash it once; a file that has changed is read again, and its damage found."""
    blobs, reads = BlobStore(str(tmp_path)), []
    blobs.write("a", b"one")

    def read_part(name: str, *_: int) -> bytes:
        reads.append(name)
        return (tmp_path / name).read_bytes()

    monkeypatch.setattr(blobs, "read_part", read_part)
    with ThreadPoolExecutor() as pool:
        assert set(pool.map(blobs.digest, ["a"] * 8)) == {digest(b"one")}
    assert reads == ["a"]
    os.utime(tmp_path / "a", (0, 0))  # so that the next write has another time
    (tmp_path / "a").write_bytes(b"two")
    with pytest.raises(CorruptCheckpoint):
        blobs.check("a", sha256=digest(b"one"))


def test_a_file_that_is_not_finished_does_not_exist(blobs: BlobStore) -> None:
    """After an error there is no file, and what is missing can be neither measured nor read."""
    with pytest.raises(InvalidInput), blobs.writing("half") as file:  # noqa: PT012  # the error inside is tested
        file.write(b"half")
        raise InvalidInput("the rest does not fit")
    assert blobs.names() == set()
    for missing in (lambda: blobs.size("half"), lambda: blobs.read_part("half", 0, 1)):
        with pytest.raises(CorruptCheckpoint, match="missing"):
            missing()


def test_an_upload_can_be_read(services: Services) -> None:
    """An upload is stored as safetensors, whatever its format."""
    model = notebook_weights()
    kept = services.weights.upload(io.BytesIO(naivenet.to_npz(model)), naivenet.NOTEBOOK_NETWORK, LIMITS)
    assert services.checkpoints.get(kept.id) == kept
    assert services.weights.read(kept) == naivenet.to_safetensors(model)


def test_an_upload_that_does_not_fit_stores_nothing(services: Services) -> None:
    """An upload with other layers is refused and leaves no row and no file."""
    network = naivenet.Network.from_dict({"layers": [{"units": 10, "activation": "softmax"}]})
    with pytest.raises(InvalidInput):
        services.weights.upload(io.BytesIO(naivenet.to_npz(notebook_weights())), network, LIMITS)
    assert (services.checkpoints.ids(), services.blobs.names()) == (set(), set())


def test_a_deleted_checkpoint_leaves_nothing(services: Services) -> None:
    """Deleting a checkpoint removes its row and its files."""
    kept = services.weights.upload(io.BytesIO(naivenet.to_safetensors(notebook_weights())), None, LIMITS)
    services.weights.delete(kept.id)
    assert (services.checkpoints.ids(), services.blobs.names()) == (set(), set())
