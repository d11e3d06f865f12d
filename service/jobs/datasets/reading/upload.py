"""Finds out what an uploaded file is, and reads it: by its first bytes, and in an archive by its names."""

import zlib
from collections.abc import Sequence

from service.domain.dataset import DatasetLimits
from service.errors import InvalidInput
from service.inference.limits import InputLimits
from service.inference.pictures.report import AUTO, PrepareOptions
from service.jobs.datasets.reading import archives, csv_rows, folders, idx, npz
from service.jobs.datasets.reading.pictures import Content, UploadedFile, divided, faults_of
from service.storage.dataset_files import Arrays

ZIP = b"PK"


def read_upload(
    files: Sequence[UploadedFile],
    limits: DatasetLimits,
    pictures: InputLimits,
    *,
    test_share: float,
    options: PrepareOptions = AUTO,
) -> Arrays:
    """Return the arrays of uploaded files.

    Args:
        files: One file, or the IDX files of a dataset.
        limits: The limits of a dataset.
        pictures: The limits of each picture in a zip of labelled folders.
        test_share: The share that becomes test pictures, where the file does not divide them.
        options: How to prepare such pictures.

    Raises:
        InvalidInput: A file is of no kind that is read, or faulty; the error names it and its first fault.
        TooLarge: It has too many pictures, or one that is too large.
    """
    if not files:
        raise InvalidInput.at("/file", "The form has no file; send one as `file`, or JSON for an empty dataset.")
    content = idx.read(files, limits) if len(files) > 1 else _read(files[0], limits, pictures, options)
    train, test = divided(content, test_share)
    return {"x_train": train.images, "y_train": train.labels, "x_test": test.images, "y_test": test.labels}


def _read(file: UploadedFile, limits: DatasetLimits, pictures: InputLimits, options: PrepareOptions) -> Content:
    start = _start_of(file)
    if start.startswith(ZIP):
        with archives.opened(file, limits) as archive:
            if npz.is_npz(archive):
                return npz.read(archive, file, limits)
            if found := archives.members(archive, file, idx.is_idx_name, most=idx.PARTS + 1):
                return idx.read(found, limits)
            return folders.read(archive, file, limits, pictures, options)
    if idx.is_idx(start):
        return idx.read([file], limits)
    return csv_rows.read(file, limits)


def _start_of(file: UploadedFile) -> bytes:
    """Return the first bytes, decompressed if it is gzipped, and leave the file at its beginning."""
    with faults_of(file, OSError, EOFError, zlib.error):
        start = file.decompressed().read(4)
    file.file.seek(0)
    return start
