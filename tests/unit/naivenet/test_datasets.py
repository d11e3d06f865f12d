"""Datasets: MNIST from the package and through the cache, others by path, and the errors for damaged ones."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import naivenet
from naivenet import DatasetError
from naivenet.storage import cache, datasets

SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
LOAD = "import naivenet; d = naivenet.datasets.load(); print(type(d.x_train).__name__, d.x_train.sum())"


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("NAIVENET_CACHE_DIR", str(tmp_path))
    return tmp_path


def digests(dataset: datasets.Dataset) -> dict[str, str]:
    """The sha256 of each array's bytes."""
    return {name: hashlib.sha256(getattr(dataset, name).tobytes()).hexdigest() for name in SHA256}


def tiny() -> dict[str, np.ndarray]:
    """Return a dataset of MNIST's form, with seven training images and three test images."""
    rng = np.random.default_rng(0)
    arrays: dict[str, np.ndarray] = {}
    for half, count in (("train", 7), ("test", 3)):
        arrays[f"x_{half}"] = rng.integers(0, 256, (count, 28, 28), np.uint8)
        arrays[f"y_{half}"] = rng.integers(0, 10, count, np.uint8)
    return arrays


def write_idx(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write the four files in which MNIST and Fashion-MNIST are published."""
    names = {"train": "train", "test": "t10k"}
    for name, array in arrays.items():
        kind, half = name.split("_")
        magic = 2051 if kind == "x" else 2049
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        file = f"{names[half]}-images-idx3-ubyte.gz" if kind == "x" else f"{names[half]}-labels-idx1-ubyte.gz"
        (folder / file).write_bytes(gzip.compress(magic.to_bytes(4, "big") + sizes + array.tobytes()))


def test_mnist_is_mnist(mnist: datasets.Dataset) -> None:
    """All 70,000 images and labels have the published bytes."""
    assert mnist.name == "mnist"
    assert (mnist.x_train.shape, mnist.y_train.shape) == ((60_000, 28, 28), (60_000,))
    assert (mnist.x_test.shape, mnist.y_test.shape) == ((10_000, 28, 28), (10_000,))
    assert digests(mnist) == SHA256


def test_mnist_is_unpacked_once_and_mapped(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second load reads only the cache, and maps its files so that processes share the memory."""
    datasets.load("mnist")
    monkeypatch.setattr(datasets, "_read_mnist", lambda: pytest.fail("read the package again"))
    again = datasets.load("mnist")
    assert isinstance(again.x_train, np.memmap)
    assert not again.x_train.flags.writeable
    assert [each.name for each in cache_folder.iterdir()] == ["mnist"]


def cut_off(file: Path) -> None:
    """Cut off the end of a file."""
    os.truncate(file, file.stat().st_size // 2)


def empty(file: Path) -> None:
    """Empty a file."""
    os.truncate(file, 0)


def scribble(file: Path) -> None:
    """Overwrite a file's header."""
    with file.open("r+b") as opened:
        opened.write(b"something else")


def replace(file: Path) -> None:
    """Replace a file by another array."""
    np.save(file, np.zeros(3))


@pytest.mark.parametrize("damage", [cut_off, empty, scribble, replace, Path.unlink])
def test_a_damaged_cache_is_made_again(cache_folder: Path, damage: Callable[[Path], None]) -> None:
    """A cache file that is cut off, overwritten or missing is detected, and the cache is written again."""
    datasets.load("mnist")
    damage(cache_folder / "mnist" / "x_test.npy")
    assert digests(datasets.load("mnist"))["x_test"] == SHA256["x_test"]
    assert isinstance(datasets.load("mnist").x_test, np.memmap)
    assert [each.name for each in cache_folder.iterdir()] == ["mnist"]


def test_a_file_where_the_cache_should_be_does_not_matter(cache_folder: Path) -> None:
    """A foreign file under the cache's name does not matter: the data is right."""
    (cache_folder / "mnist").write_text("not a folder")
    assert len(datasets.load("mnist").x_test) == 10_000


def test_without_a_cache_mnist_stays_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a writable folder, the arrays are loaded into memory."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("NAIVENET_CACHE_DIR", str(tmp_path / "file" / "cache"))
    mnist = datasets.load("mnist")
    assert not isinstance(mnist.x_test, np.memmap)
    assert digests(mnist)["x_test"] == SHA256["x_test"]


def test_the_cache_is_the_platforms_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable, the cache is in the platform's cache folder."""
    monkeypatch.delenv("NAIVENET_CACHE_DIR")
    assert "naivenet" in str(cache.cache_dir())


def test_a_whole_cache_is_never_away(cache_folder: Path) -> None:
    """A process that writes the cache second replaces the files; a third process can read them all the time."""
    arrays = {"pixels": np.zeros(50_000_000, np.uint8)}
    shapes = {name: array.shape for name, array in arrays.items()}
    looks, over = list[bool](), threading.Event()

    def look() -> None:
        while not over.is_set():
            looks.append((cache_folder / "zeros" / "pixels.npy").exists())

    def read_as_the_second() -> cache.Arrays:
        cache.unpacked("zeros", shapes, lambda: arrays)
        watcher.start()
        return arrays

    watcher = threading.Thread(target=look, daemon=True)
    assert isinstance(cache.unpacked("zeros", shapes, read_as_the_second)["pixels"], np.memmap)
    over.set()
    watcher.join()
    assert looks
    assert all(looks)


def test_processes_at_once_all_succeed(cache_folder: Path) -> None:
    """Processes that find the cache empty at the same moment all load the data, and write one cache."""
    processes = [subprocess.Popen([sys.executable, "-c", LOAD], stdout=subprocess.PIPE) for _ in range(3)]
    outputs = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(outputs) == 1
    assert b"memmap" in outputs.pop()
    assert [each.name for each in cache_folder.iterdir()] == ["mnist"]


@pytest.fixture
def package_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a package folder that contains MNIST, and an empty cache."""
    monkeypatch.setenv("NAIVENET_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "data" / "mnist.npz"
    file.parent.mkdir()
    shutil.copy(Path(naivenet.__file__).parent / "data" / "mnist.npz", file)
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    return file


def test_a_missing_package_file_is_reported(package_file: Path) -> None:
    """The error names the missing file and the remedy."""
    package_file.unlink()
    with pytest.raises(DatasetError, match=r"mnist\.npz cannot be read .*: install naivenet again"):
        datasets.load("mnist")


def test_a_package_file_cut_off_is_reported(package_file: Path) -> None:
    """The error says that the file is damaged, and gives the remedy."""
    cut_off(package_file)
    with pytest.raises(DatasetError, match=r"not an \.npz file, or it is damaged.*: install naivenet again"):
        datasets.load("mnist")


def test_a_package_file_with_other_data_is_reported(package_file: Path) -> None:
    """An array with another digest than MNIST's is refused and not cached."""
    np.savez(package_file, **tiny())
    with pytest.raises(DatasetError, match="x_train is not that of MNIST: install naivenet again"):
        datasets.load("mnist")
    assert not (package_file.parent.parent / "cache").exists()


def test_an_npz_is_loaded_by_its_path(tmp_path: Path) -> None:
    """Any npz with the four arrays is a dataset."""
    np.savez_compressed(tmp_path / "own.npz", **tiny())
    loaded = datasets.load(tmp_path / "own.npz")
    assert loaded.name == str(tmp_path / "own.npz")
    for name, array in tiny().items():
        np.testing.assert_array_equal(getattr(loaded, name), array)


def test_a_folder_of_idx_files_is_loaded_by_its_path(tmp_path: Path) -> None:
    """A folder with the four published files is a dataset."""
    write_idx(tmp_path, tiny())
    loaded = datasets.load(str(tmp_path))
    for name, array in tiny().items():
        np.testing.assert_array_equal(getattr(loaded, name), array)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_train": np.zeros((7, 27, 28), "u1")}, r"x_train must be \(samples, 28, 28\) uint8, not \(7, 27, 28\)"),
        ({"x_train": np.zeros((7, 784), "u1")}, r"not \(7, 784\) uint8"),
        ({"x_test": np.zeros((3, 28, 28), "f4")}, r"not \(3, 28, 28\) float32"),
        ({"x_test": np.zeros((0, 28, 28), "u1"), "y_test": np.zeros(0, "u1")}, r"not \(0, 28, 28\)"),
        ({"y_test": np.zeros(2, "u1")}, r"y_test must be \(3,\) uint8 from 0 to 9, not \(2,\)"),
        ({"y_test": np.full(3, 10, "u1")}, r"y_test\[0\] is 10; digits are 0 to 9"),
        ({"y_train": np.array([1, 2, 3, 26, 5, 99, 0])}, r"y_train\[3\] is 26; digits are 0 to 9"),
        ({"y_train": np.array([1, 2, 3, -1, 5, 6, 0])}, r"y_train\[3\] is -1; digits"),
        ({"y_test": np.zeros(3, "i8")}, r"not \(3,\) int64"),
        ({"y_test": None}, "lacks an array: .*y_test"),
        ({"y_test": np.array([{}] * 3)}, "is not an .npz file, or it is damaged: .*Python objects"),
    ],
    ids=str,
)
def test_an_npz_of_another_form_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    """The error names the file, the array, its form and the expected form."""
    arrays = {name: array for name, array in (tiny() | changes).items() if array is not None}
    np.savez(tmp_path / "own.npz", **arrays)
    for read in (datasets.load, datasets.check):
        with pytest.raises(DatasetError, match=message):
            read(tmp_path / "own.npz")


def test_a_check_reads_no_images(tmp_path: Path) -> None:
    """A valid npz and a valid folder pass by their headers and labels; MNIST passes without a look."""
    np.savez_compressed(tmp_path / "own.npz", **tiny())
    write_idx(tmp_path, tiny())
    for dataset in ("mnist", tmp_path, tmp_path / "own.npz"):
        datasets.check(dataset)


def test_a_test_set_has_one_digest(tmp_path: Path) -> None:
    """It depends on the test images and labels alone: another file with the same ones has it too."""
    other = tiny() | {"x_train": np.zeros((7, 28, 28), "u1")}
    relabelled = tiny() | {"y_test": (tiny()["y_test"] + 1) % 10}
    digests = []
    for number, arrays in enumerate((tiny(), other, relabelled)):
        np.savez(tmp_path / f"{number}.npz", **arrays)
        digests.append(datasets.test_set_digest(datasets.load(tmp_path / f"{number}.npz")))
    assert digests[0] == digests[1] != digests[2]


def test_a_huge_member_is_not_decompressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An array whose header claims too many bytes is not decompressed."""
    monkeypatch.setattr(datasets, "_MAX_BYTES", 1000)
    np.savez_compressed(tmp_path / "own.npz", **tiny())
    with pytest.raises(DatasetError, match="x_train would take 5488 bytes, but may take 1000"):
        datasets.load(tmp_path / "own.npz")


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    """A text file and a zip with other content are refused."""
    (tmp_path / "own.npz").write_text("hello")
    with pytest.raises(DatasetError, match=r"own.npz is not an .npz file, or it is damaged"):
        datasets.load(tmp_path / "own.npz")
    with zipfile.ZipFile(tmp_path / "own.npz", "w") as archive:
        archive.writestr("x_train.npy", b"hello")
    with pytest.raises(DatasetError, match=r"own.npz is not an .npz file, or it is damaged"):
        datasets.load(tmp_path / "own.npz")


def test_an_unknown_name_is_refused() -> None:
    """The error for an unknown name lists what can be loaded."""
    with pytest.raises(DatasetError, match="there is no dataset 'emnist': use 'mnist', or the path"):
        datasets.load("emnist")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "t10k-labels-idx1-ubyte.gz is missing: the folder needs train-images"),
        (b"hello", "cannot be read, or it is damaged"),
        (gzip.compress(b"hello")[:-4], "cannot be read, or it is damaged"),
        (gzip.compress(b"hello"), "is not an IDX file of bytes, or it is cut off"),
        (gzip.compress(b""), "is not an IDX file of bytes, or it is cut off"),
        (gzip.compress((2049).to_bytes(4, "big")), "is not an IDX file of bytes, or it is cut off"),
        (gzip.compress((2049).to_bytes(4, "big") + (4).to_bytes(4, "big") + b"\x01"), "or it is cut off"),
    ],
    ids=["missing", "no-gzip", "gzip-cut-off", "no-idx", "empty", "no-size", "cut-off"],
)
def test_a_wrong_idx_file_is_refused(tmp_path: Path, data: bytes | None, message: str) -> None:
    """The error names the file and the fault."""
    write_idx(tmp_path, tiny())
    file = tmp_path / "t10k-labels-idx1-ubyte.gz"
    file.unlink()
    if data is not None:
        file.write_bytes(data)
    for read in (datasets.load, datasets.check):
        with pytest.raises(DatasetError, match=message):
            read(tmp_path)


def test_mnist_loads_as_in_keras() -> None:
    """`mnist.load_data()` returns two pairs of arrays of the caller's own, with the bytes of MNIST."""
    (x_train, y_train), (x_test, y_test) = naivenet.datasets.mnist.load_data()
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    assert {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()} == SHA256
    assert all(array.flags.writeable for array in arrays.values())
