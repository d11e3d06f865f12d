"""Datasets: MNIST, which this package contains, and files of the same form."""

import gzip
import hashlib
import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.errors import DatasetError
from naivenet.storage import cache
from naivenet.storage.npz_file import read_array

Bytes = NDArray[np.uint8]

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
    path = Path(dataset)
    if path.is_dir():
        return _checked(path, {name: _read_idx(path / file) for name, file in _IDX_FILES.items()})
    if path.is_file():
        return _checked(path, _read_npz(path))
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
    data = io.BytesIO(path.read_bytes())
    try:
        with zipfile.ZipFile(data) as archive:
            return {name: read_array(archive, name, _check_size) for name in ARRAYS}
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
    try:
        with gzip.open(path) as file:
            data = file.read(_MAX_BYTES)
    except FileNotFoundError:
        raise DatasetError(f"{path} is missing: the folder needs {', '.join(_IDX_FILES.values())}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read, or it is damaged: {error}") from None
    axes = {_IDX_IMAGES: 3, _IDX_LABELS: 1}.get(int.from_bytes(data[:4], "big"), 0)
    sizes = [int(size) for size in np.frombuffer(data[4 : 4 + 4 * axes], ">u4")]
    if not axes or len(sizes) != axes or len(data) != 4 + 4 * axes + np.prod(sizes, dtype=object):
        raise DatasetError(f"{path} is not an IDX file of bytes, or it is cut off")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(sizes)


def _checked(path: Path, arrays: Mapping[str, Bytes]) -> Dataset:
    """Refuse arrays whose shape, dtype or labels are not those of MNIST's form."""
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
