"""Reads NumPy's npz files: `x_train` and `y_train`, and if there are any, `x_test` and `y_test`."""

import zipfile
from functools import partial
from typing import Any

import numpy as np

from naivenet.datasets import PIXELS, SIDE
from naivenet.storage.npz_file import read_array
from service.domain.dataset import DatasetLimits, Split
from service.jobs.datasets.reading.archives import ZIP_ERRORS
from service.jobs.datasets.reading.pictures import (
    Content,
    Pictures,
    UploadedFile,
    check_count,
    checked_labels,
    faults_of,
)

_SHAPES = frozenset({(SIDE, SIDE), (PIXELS,)})


def is_npz(archive: zipfile.ZipFile) -> bool:
    """Return whether an archive has arrays of NumPy."""
    return any(name.endswith(".npy") for name in archive.namelist())


def read(archive: zipfile.ZipFile, file: UploadedFile, limits: DatasetLimits) -> Content:
    """Return the pictures of an npz file.

    Raises:
        InvalidInput: An array is missing, or has another form; the error names it.
        TooLarge: It has too many pictures.
    """
    names = {name.removesuffix(".npy") for name in archive.namelist()}
    if missing := {"x_train", "y_train"} - names:
        raise file.fault(
            f"it lacks the array {min(missing)}; it needs x_train and y_train, and may have x_test and y_test."
        )
    has_test = bool(names & {"x_test", "y_test"})
    return Content(
        train=_part(archive, file, limits, "train"),
        test=_part(archive, file, limits, "test") if has_test else None,
    )


def _part(archive: zipfile.ZipFile, file: UploadedFile, limits: DatasetLimits, split: Split) -> Pictures:
    check = partial(_check, file, limits)
    with faults_of(file, *ZIP_ERRORS):
        images, labels = (read_array(archive, f"{letter}_{split}", check) for letter in "xy")
    if len(images) != len(labels):
        raise file.fault(f"x_{split} has {len(images)} pictures, but y_{split} has {len(labels)} labels.")
    return Pictures(
        images=np.ascontiguousarray(images).reshape(-1, SIDE, SIDE),
        labels=checked_labels(labels, f"y_{split}", file),
    )


def _check(file: UploadedFile, limits: DatasetLimits, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Check the form of an array before its data is decompressed."""
    if name.startswith("x") and (dtype != np.uint8 or shape[1:] not in _SHAPES):
        raise file.fault(f"{name} must be (pictures, {SIDE}, {SIDE}) uint8 from 0 to 255, not {shape} {dtype}.")
    if name.startswith("y") and (dtype.kind not in "iu" or len(shape) != 1):
        raise file.fault(f"{name} must be (pictures,) of integers from 0 to 9, not {shape} {dtype}.")
    check_count(shape[0], limits.max_samples)
