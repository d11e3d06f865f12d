"""Writes a dataset as a file that an upload reads again, picture for picture."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import IO, Literal

from PIL import Image

import naivenet
from naivenet.storage.npz_file import write_npz
from service.composition import Services
from service.domain.dataset import Dataset
from service.jobs.datasets.finding import load_version
from service.jobs.datasets.reading.folders import PREPARED
from service.storage.dataset_files import ARRAYS

ExportFormat = Literal["npz", "zip"]


def export(services: Services, dataset: Dataset, form: ExportFormat, file: IO[bytes]) -> int:
    """Write a dataset at its version into *file*; return the size. The same version gives the same bytes.

    Raises:
        DatasetError: A file of the operator is damaged.
        CorruptCheckpoint: The uploaded arrays are missing or damaged.
    """
    _WRITERS[form](load_version(services, dataset.name, dataset.version), dataset, file)
    return file.tell()


def _write_npz(data: naivenet.datasets.Dataset, _: Dataset, file: IO[bytes]) -> None:
    file.write(write_npz({name: getattr(data, name) for name in ARRAYS}))


def _write_zip(data: naivenet.datasets.Dataset, dataset: Dataset, file: IO[bytes]) -> None:
    """Write labelled folders of PNGs, and a file that says that they are prepared."""
    about = {"name": dataset.name, "version": dataset.version, "digest": dataset.digest}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(PREPARED), json.dumps(about))
        for split, images, labels in (("train", data.x_train, data.y_train), ("test", data.x_test, data.y_test)):
            for number, (image, label) in enumerate(zip(images, labels, strict=True)):
                png = io.BytesIO()
                Image.fromarray(image).save(png, "PNG", compress_level=1)
                archive.writestr(zipfile.ZipInfo(f"{split}/{label}/{number:06}.png"), png.getvalue())


_WRITERS: Mapping[ExportFormat, Callable[[naivenet.datasets.Dataset, Dataset, IO[bytes]], None]] = {
    "npz": _write_npz,
    "zip": _write_zip,
}
