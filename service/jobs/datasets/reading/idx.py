"""Reads IDX files, in which MNIST and Fashion-MNIST are published: images and labels, gzipped or not."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from naivenet.datasets import SIDE
from service.domain.dataset import DatasetLimits, Split
from service.jobs.datasets.reading.pictures import (
    Bytes,
    Content,
    Pictures,
    UploadedFile,
    check_count,
    checked_labels,
    faults_of,
)

IMAGES, LABELS = b"\0\0\x08\x03", b"\0\0\x08\x01"

#: The number of files of a dataset; of more than that, two have the same part.
PARTS = 4

_NAME = re.compile(r"idx[13]-ubyte(\.gz)?$")
_WANTED = "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz"


def is_idx(start: bytes) -> bool:
    """Return whether a file begins as IDX files of bytes do."""
    return start in {IMAGES, LABELS}


def is_idx_name(name: str) -> bool:
    """Return whether a file is called as IDX files are."""
    return bool(_NAME.search(name)) and not name.startswith(".")


def read(files: Sequence[UploadedFile], limits: DatasetLimits) -> Content:
    """Return the pictures of IDX files: those of training, and if there are any, those of testing.

    Raises:
        InvalidInput: A file is missing, twice there, or faulty; the error names it.
        TooLarge: There are too many pictures.
    """
    found: dict[str, Bytes] = {}
    for each in files:
        split = "test" if re.search(r"t10k|test", each.name, re.IGNORECASE) else "train"
        name, array = _array(each, split, limits)
        if name in found:
            raise each.fault(f"there is another file with the same part ({name}); send each part once.")
        found[name] = array
    has_test = bool(found.keys() & {"x_test", "y_test"})
    return Content(train=_part(found, files[0], "train"), test=_part(found, files[0], "test") if has_test else None)


def _part(found: dict[str, Bytes], file: UploadedFile, split: Split) -> Pictures:
    images, labels = found.get(f"x_{split}"), found.get(f"y_{split}")
    if images is None or labels is None:
        what = "images" if images is None else "labels"
        raise file.fault(f"the {what} of the {split} part are missing; send all of: {_WANTED}.")
    if len(images) != len(labels):
        raise file.fault(f"the {split} part has {len(images)} pictures, but {len(labels)} labels.")
    return Pictures(images=images, labels=labels)


def _array(file: UploadedFile, split: str, limits: DatasetLimits) -> tuple[str, Bytes]:
    """Return the name and the values of an array: a magic number and the size of each axis, big-endian, then bytes."""
    with faults_of(file, OSError, EOFError, zlib.error, ValueError):
        stream = file.decompressed()
        magic = stream.read(4)
        if not is_idx(magic):
            raise file.fault(f"it is no IDX file of bytes; send {_WANTED}, or one other file.")
        shape = np.frombuffer(stream.read(4 if magic == LABELS else 12), ">u4").tolist()
        if magic == IMAGES and shape[1:] != [SIDE, SIDE]:
            raise file.fault(f"its pictures are {' x '.join(map(str, shape[1:]))}, not {SIDE} x {SIDE}.")
        check_count(shape[0], limits.max_samples)
        size = shape[0] * (1 if magic == LABELS else SIDE * SIDE)
        data = stream.read(size + 1)
    if len(data) != size:
        raise file.fault(f"it should have {size:,} bytes of data, but has {'more' if len(data) > size else 'fewer'}.")
    values = np.frombuffer(data, np.uint8)
    if magic == LABELS:
        return f"y_{split}", checked_labels(values, "the labels", file)
    return f"x_{split}", values.reshape(-1, SIDE, SIDE)
