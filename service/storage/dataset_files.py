"""Stores the files of datasets, uploaded arrays and original pictures of samples; builds the arrays of a version."""

import io
import logging
import zipfile
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import naivenet
from naivenet.datasets import SIDE
from naivenet.storage.npz_file import read_array, write_npz
from service.domain.dataset import DATASET, Dataset, Original, Sample, arrays_blob_of, original_blob_of
from service.errors import Unavailable
from service.storage.blobs import BlobStore, digest
from service.store import DatasetStore

logger = logging.getLogger(__name__)

Arrays = dict[str, NDArray[np.uint8]]

ARRAYS = ("x_train", "y_train", "x_test", "y_test")


class DatasetFiles:
    """The files of uploaded and collected datasets, and the arrays of their versions."""

    def __init__(self, datasets: DatasetStore, blobs: BlobStore) -> None:
        self._datasets, self._blobs = datasets, blobs

    def load(self, dataset: Dataset) -> naivenet.datasets.Dataset:
        """Return the arrays of an uploaded dataset at its version: the uploaded arrays, and then its samples.

        Raises:
            CorruptCheckpoint: The file with the uploaded arrays is missing or damaged.
        """
        uploaded = self._uploaded(dataset)
        rows = self._datasets.samples_of(dataset.id or "", dataset.version or 0)
        for split in ("train", "test"):
            added = [(label, pixels) for at, label, pixels in rows if at == split]
            if added:
                images = np.frombuffer(b"".join(pixels for _, pixels in added), np.uint8).reshape(-1, SIDE, SIDE)
                labels = np.array([label for label, _ in added], np.uint8)
                uploaded[f"x_{split}"] = np.concatenate([uploaded[f"x_{split}"], images])
                uploaded[f"y_{split}"] = np.concatenate([uploaded[f"y_{split}"], labels])
        return as_dataset(uploaded)

    def with_digest(self, dataset: Dataset) -> Dataset:
        """Return an uploaded dataset with the digest of its arrays, which is computed and stored once.

        Raises:
            CorruptCheckpoint: The file with the uploaded arrays is missing or damaged.
        """
        if dataset.digest is not None or dataset.id is None or dataset.version is None:
            return dataset
        found = naivenet.datasets.digest(self.load(dataset))
        self._datasets.set_digest(dataset.id, dataset.version, found)
        return replace(dataset, at=replace(dataset.at, digest=found))

    def write_arrays(self, dataset_id: str, arrays: Arrays) -> tuple[int, str]:
        """Store uploaded arrays; return the size of the file, and its SHA-256."""
        data = write_npz({name: arrays[name] for name in ARRAYS})
        self._blobs.write(arrays_blob_of(dataset_id), data)
        return len(data), digest(data)

    def write_original(self, sample_id: str, data: bytes, media_type: str) -> Original:
        """Store a picture as the client sent it."""
        self._blobs.write(original_blob_of(sample_id), data)
        return Original(bytes=len(data), sha256=digest(data), media_type=media_type)

    def read_original(self, sample: Sample) -> bytes:
        """Return the picture of a sample as the client sent it, verified.

        Raises:
            CorruptCheckpoint: The file is missing or damaged.
        """
        return self._blobs.read(original_blob_of(sample.id), sha256=sample.original.sha256 if sample.original else "")

    def delete(self, ids: Iterable[str]) -> None:
        """Delete the files of datasets and samples whose rows are deleted; after an error the sweeper does it later."""
        names = [arrays_blob_of(each) if each.startswith(DATASET) else original_blob_of(each) for each in ids]
        try:
            self._blobs.delete(*names)
        except Unavailable as error:
            logger.warning("%d files of datasets are not deleted yet: %s", len(names), error)

    def _uploaded(self, dataset: Dataset) -> Arrays:
        if dataset.sha256 is None:
            none = np.zeros((0, SIDE, SIDE), np.uint8)
            return {name: none if name[0] == "x" else none[:, 0, 0] for name in ARRAYS}
        data = self._blobs.read(arrays_blob_of(dataset.id or ""), sha256=dataset.sha256)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: read_array(archive, name, lambda *_: None) for name in ARRAYS}


def as_dataset(arrays: Arrays) -> naivenet.datasets.Dataset:
    """Return arrays as the library's dataset; its name is none of the library's own."""
    return naivenet.datasets.Dataset(name="uploaded", **arrays)
