"""MNIST as it ships with this package, and any data set of its form, as arrays that processes share."""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from naivenet.errors import DatasetError
from naivenet.storage import cache

Bytes = NDArray[np.uint8]

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
DATASETS = ("mnist",)
CLASSES = 10
SIDE = 28

MNIST_SHA256: Mapping[str, str] = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
_MNIST_SIZES = {"x_train": 60_000, "y_train": 60_000, "x_test": 10_000, "y_test": 10_000}
_MNIST_SHAPES = {name: (n, SIDE, SIDE) if name[0] == "x" else (n,) for name, n in _MNIST_SIZES.items()}

# The official files of MNIST and Fashion-MNIST, and the numbers that they begin with
_IDX_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}
_IDX_IMAGES, _IDX_LABELS = 2051, 2049
_MAX_BYTES = 2_000_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Labelled images to learn from and to test on, as bytes.

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
    """Load ``"mnist"``, or a data set of its form by its path.

    MNIST is unpacked once into a cache folder (``NAIVENET_CACHE_DIR``, or the platform's), and mapped into
    memory from there, so that all processes of a machine share one copy. A path leads to an ``.npz`` with
    ``x_train``, ``y_train``, ``x_test`` and ``y_test``, or to a folder with the four gzipped files that MNIST
    and Fashion-MNIST are published as.

    Raises:
        DatasetError: There is no such data set, or it is damaged or of another form.
    """
    if dataset == "mnist":
        return Dataset(name="mnist", **cache.unpacked("mnist", _MNIST_SHAPES, _read_mnist))
    path = Path(dataset)
    if path.is_dir():
        return _checked(path, {name: _read_idx(path / file) for name, file in _IDX_FILES.items()})
    if path.is_file():
        return _checked(path, _read_npz(path, path.read_bytes()))
    raise DatasetError(
        f"there is no data set {str(dataset)!r}: known is mnist; or give the path of an .npz file, "
        f"or of a folder with {', '.join(_IDX_FILES.values())}"
    )


def _read_mnist() -> Mapping[str, Bytes]:
    """Read the file in the package, and hold it against the digests."""
    file = resources.files("naivenet") / "data" / "mnist.npz"
    try:
        arrays = _read_npz(file, file.read_bytes())
    except OSError as error:
        raise DatasetError(f"{file} cannot be read ({error}): install naivenet again") from None
    except DatasetError as error:
        raise DatasetError(f"{error}: install naivenet again") from None
    for name, digest in MNIST_SHA256.items():
        if hashlib.sha256(arrays[name].tobytes()).hexdigest() != digest:
            raise DatasetError(f"{file} is damaged, {name} is not MNIST's: install naivenet again")
    return arrays


def _read_npz(path: Any, data: bytes) -> Mapping[str, Bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: _read_member(archive, name) for name in ARRAYS}
    except KeyError as error:
        raise DatasetError(f"{path} lacks an array: {error}; it needs {', '.join(ARRAYS)}") from None
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise DatasetError(f"{path} is no .npz, or is damaged: {error}") from None


def _read_member(archive: zipfile.ZipFile, name: str) -> Bytes:
    member = archive.getinfo(f"{name}.npy")
    if member.file_size > _MAX_BYTES:
        raise ValueError(f"{name} would take {member.file_size} bytes, but may take {_MAX_BYTES}")
    with archive.open(member) as file:
        array: Bytes = npy.read_array(file, allow_pickle=False)
    return array


def _read_idx(path: Path) -> Bytes:
    """Read one gzipped IDX file: a magic number, the size of each axis, all big-endian, and the bytes."""
    try:
        with gzip.open(path) as file:
            data = file.read(_MAX_BYTES)
    except FileNotFoundError:
        raise DatasetError(f"{path} is missing: the folder needs {', '.join(_IDX_FILES.values())}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read, or is damaged: {error}") from None
    axes = {_IDX_IMAGES: 3, _IDX_LABELS: 1}.get(int.from_bytes(data[:4], "big"), 0)
    sizes = [int(size) for size in np.frombuffer(data[4 : 4 + 4 * axes], ">u4")]
    if not axes or len(sizes) != axes or len(data) != 4 + 4 * axes + np.prod(sizes, dtype=object):
        raise DatasetError(f"{path} is no IDX file of bytes, or is cut off")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(sizes)


def _checked(path: Path, arrays: Mapping[str, Bytes]) -> Dataset:
    """Refuse what is not of MNIST's form, naming what it is instead."""
    for half in ("train", "test"):
        images, labels = arrays[f"x_{half}"], arrays[f"y_{half}"]
        if images.dtype != np.uint8 or images.shape != (len(images) or 1, SIDE, SIDE):
            raise DatasetError(
                f"{path}: x_{half} must be (samples, {SIDE}, {SIDE}) uint8, not {images.shape} {images.dtype}"
            )
        if labels.dtype != np.uint8 or labels.shape != images.shape[:1] or labels.max() >= CLASSES:
            raise DatasetError(
                f"{path}: y_{half} must be ({len(images)},) uint8 from 0 to {CLASSES - 1}, "
                f"not {labels.shape} {labels.dtype}"
            )
    return Dataset(name=str(path), **arrays)
