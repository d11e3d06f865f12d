"""Datasets: MNIST, which this package contains, and files of the same form."""

import gzip
import hashlib
import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.errors import DatasetError
from naivenet.storage import cache
from naivenet.storage.npz_file import read_array, read_form

Bytes = NDArray[np.uint8]
Form = tuple[tuple[int, ...], np.dtype[Any]]
"""The shape and the dtype of an array."""

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
DATASETS = ("mnist",)
CLASSES = 10
SIDE = 28
PIXELS = SIDE * SIDE

MNIST_SHA256: Mapping[str, str] = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
_MNIST_SIZES = {"x_train": 60_000, "y_train": 60_000, "x_test": 10_000, "y_test": 10_000}
_MNIST_SHAPES = {name: (n, SIDE, SIDE) if name[0] == "x" else (n,) for name, n in _MNIST_SIZES.items()}

# The published files of MNIST and Fashion-MNIST, and their magic numbers
_IDX_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}
_IDX_IMAGES, _IDX_LABELS = 2051, 2049
_IDX_HEADER_BYTES = 16
_LABELS = ("y_train", "y_test")
_MAX_BYTES = 2_000_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Images and labels for training and for testing, as bytes.

    Shapes:
        x_train: (samples, 28, 28) uint8, 0 to 255.
        y_train: (samples,) uint8, 0 to 9.
        x_test, y_test: likewise.
    """

    name: str
    x_train: Bytes
    y_train: Bytes
    x_test: Bytes
    y_test: Bytes


def load(dataset: str | Path = "mnist") -> Dataset:
    """Load ``"mnist"``, or the dataset at a path.

    MNIST is decompressed once into a cache folder (``NAIVENET_CACHE_DIR``, or the platform's) and mapped into memory
    from there, so that all processes of a machine share one copy. A path is that of an ``.npz`` file with ``x_train``,
    ``y_train``, ``x_test`` and ``y_test``, or of a folder with the four gzipped files in which MNIST and Fashion-MNIST
    are published.

    Raises:
        DatasetError: There is no such dataset, it is damaged, or it has another form.
    """
    if dataset == "mnist":
        return Dataset(name="mnist", **cache.unpacked("mnist", _MNIST_SHAPES, _read_mnist))
    path = _existing(dataset)
    arrays = {name: _read_idx(path / file) for name, file in _IDX_FILES.items()} if path.is_dir() else _read_npz(path)
    forms = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    _check(path, forms, arrays)
    return Dataset(name=str(path), **arrays)


def check(dataset: str | Path) -> None:
    """Check the form and the labels of a dataset, as `load` does, without reading its images.

    Raises:
        DatasetError: There is no such dataset, or it has another form; the message names the array and the first wrong
            label.
    """
    if dataset != "mnist":
        read_labels(dataset)


def read_labels(dataset: str | Path) -> tuple[Bytes, Bytes]:
    """Return the labels of the training and the test images, after the same check.

    Shapes:
        returns: (samples,) uint8 both.

    Raises:
        DatasetError: As for `check`.
    """
    if dataset == "mnist":
        mnist = load()
        return mnist.y_train, mnist.y_test
    path = _existing(dataset)
    forms, labels = _read_idx_forms(path) if path.is_dir() else _read_npz_forms(path)
    _check(path, forms, labels)
    return labels["y_train"], labels["y_test"]


def test_set_digest(dataset: Dataset) -> str:
    """Return the identity of a dataset's test set, a digest of its images and labels, in hexadecimal."""
    if dataset.name == "mnist":
        return MNIST_TEST_SET
    return _joined(hashlib.sha256(each.tobytes()).hexdigest() for each in (dataset.x_test, dataset.y_test))


def digest(dataset: Dataset) -> str:
    """Return the identity of a dataset, a digest of all its images and labels, in hexadecimal."""
    if dataset.name == "mnist":
        return _joined(MNIST_SHA256[name] for name in ARRAYS)
    return _joined(hashlib.sha256(getattr(dataset, name).tobytes()).hexdigest() for name in ARRAYS)


def _joined(digests: Iterable[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()


#: The digest of MNIST's test set.
MNIST_TEST_SET = _joined((MNIST_SHA256["x_test"], MNIST_SHA256["y_test"]))


def _existing(dataset: str | Path) -> Path:
    path = Path(dataset)
    if path.is_dir() or path.is_file():
        return path
    raise DatasetError(
        f"there is no dataset {str(dataset)!r}: use 'mnist', or the path of an .npz file or of a folder with"
        f" {', '.join(_IDX_FILES.values())}"
    )


def _read_mnist() -> Mapping[str, Bytes]:
    """Read the file in this package, and compare it with the digests."""
    file = resources.files("naivenet") / "data" / "mnist.npz"
    try:
        arrays = _read_npz(file)
    except OSError as error:
        raise DatasetError(f"{file} cannot be read ({error}): install naivenet again") from None
    except DatasetError as error:
        raise DatasetError(f"{error}: install naivenet again") from None
    for name, digest in MNIST_SHA256.items():
        if hashlib.sha256(arrays[name].tobytes()).hexdigest() != digest:
            raise DatasetError(f"{file} is damaged: {name} is not that of MNIST: install naivenet again")
    return arrays


def _read_npz(path: Any) -> Mapping[str, Bytes]:
    with _opened_npz(path) as archive:
        return {name: read_array(archive, name, _check_size) for name in ARRAYS}


def _read_npz_forms(path: Path) -> tuple[Mapping[str, Form], Mapping[str, Bytes]]:
    """Return the forms of all arrays, and the labels."""
    with _opened_npz(path) as archive:
        forms = {name: read_form(archive, name) for name in ARRAYS}
        return forms, {name: read_array(archive, name, _check_size) for name in ARRAYS if name in _LABELS}


@contextmanager
def _opened_npz(path: Any) -> Iterator[zipfile.ZipFile]:
    try:
        with path.open("rb") as file:
            file.read(1)  # zipfile takes the error of a file system that is away for a damaged archive
            with zipfile.ZipFile(file) as archive:
                yield archive
    except KeyError as error:
        raise DatasetError(f"{path} lacks an array: {error}; it needs {', '.join(ARRAYS)}") from None
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise DatasetError(f"{path} is not an .npz file, or it is damaged: {error}") from None


def _check_size(name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    size = math.prod(shape) * dtype.itemsize
    if size > _MAX_BYTES:
        raise ValueError(f"{name} would take {size} bytes, but may take {_MAX_BYTES}")


def _read_idx(path: Path) -> Bytes:
    """Read a gzipped IDX file: a magic number and the size of each axis, all big-endian, and then the bytes."""
    data = _decompressed(path, _MAX_BYTES)
    shape, start = _idx_header(path, data)
    if len(data) != start + math.prod(shape):
        raise DatasetError(f"{path} is not an IDX file of bytes, or it is cut off")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _idx_shape(path: Path) -> tuple[int, ...]:
    return _idx_header(path, _decompressed(path, _IDX_HEADER_BYTES))[0]


def _decompressed(path: Path, size: int) -> bytes:
    """Return the first *size* bytes of a gzipped file, or all that it has."""
    try:
        with gzip.open(path) as file:
            return file.read(size)
    except FileNotFoundError:
        raise DatasetError(f"{path} is missing: the folder needs {', '.join(_IDX_FILES.values())}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read, or it is damaged: {error}") from None


def _idx_header(path: Path, data: bytes) -> tuple[tuple[int, ...], int]:
    """Return the shape of an IDX file, and where its bytes start."""
    axes = {_IDX_IMAGES: 3, _IDX_LABELS: 1}.get(int.from_bytes(data[:4], "big"), 0)
    start = 4 + 4 * axes
    if not axes or len(data) < start:
        raise DatasetError(f"{path} is not an IDX file of bytes, or it is cut off")
    return tuple(int(size) for size in np.frombuffer(data[4:start], ">u4")), start


def _read_idx_forms(folder: Path) -> tuple[Mapping[str, Form], Mapping[str, Bytes]]:
    """Return the forms of all arrays, and the labels; of the images only the first bytes are decompressed."""
    labels = {name: _read_idx(folder / _IDX_FILES[name]) for name in _LABELS}
    forms: dict[str, Form] = {name: (array.shape, array.dtype) for name, array in labels.items()}
    for name in ARRAYS:
        if name not in labels:
            forms[name] = (_idx_shape(folder / _IDX_FILES[name]), np.dtype(np.uint8))
    return forms, labels


def _check(path: Path, forms: Mapping[str, Form], labels: Mapping[str, Bytes]) -> None:
    """Refuse arrays whose shape, dtype or labels are not those of MNIST's form."""
    for half in ("train", "test"):
        shape, dtype = forms[f"x_{half}"]
        if dtype != np.uint8 or shape[1:] != (SIDE, SIDE) or not shape[0]:
            raise DatasetError(f"{path}: x_{half} must be (samples, {SIDE}, {SIDE}) uint8, not {shape} {dtype}")
        _check_labels(path, f"y_{half}", labels[f"y_{half}"], count=shape[0])


def _check_labels(path: Path, name: str, labels: NDArray[Any], *, count: int) -> None:
    if labels.dtype.kind in "iu" and (wrong := np.flatnonzero((labels < 0) | (labels >= CLASSES))).size:
        index = np.unravel_index(wrong[0], labels.shape)
        place = ", ".join(map(str, index))
        raise DatasetError(f"{path}: {name}[{place}] is {labels[index]}; digits are 0 to {CLASSES - 1}")
    if labels.dtype != np.uint8 or labels.shape != (count,):
        raise DatasetError(
            f"{path}: {name} must be ({count},) uint8 from 0 to {CLASSES - 1}, not {labels.shape} {labels.dtype}"
        )
