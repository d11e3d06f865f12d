"""Finds a dataset by its name and version, and loads its arrays, wherever it comes from.

A name is first that of MNIST, then of an uploaded dataset, then of a file in the operator's folder. Only uploaded ones
have versions: for the others the version is None.
"""

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.composition import Services
from service.domain.dataset import Dataset, DatasetVersion, Part
from service.errors import InvalidInput, NotFound, ServiceError
from service.jobs.datasets import files


def names(services: Services) -> list[str]:
    """Return the names of all datasets; MNIST comes first."""
    found = {*files.available(services.settings.resolved_datasets_dir), *services.datasets.names()}
    return [files.BUILT_IN, *sorted(found - {files.BUILT_IN})]


def find_all(services: Services) -> list[Dataset]:
    """Return all datasets at their newest versions, by name; a file that cannot be read has a fault."""
    uploaded = {each.name: services.dataset_files.with_digest(each) for each in services.datasets.all()}
    folder = services.settings.resolved_datasets_dir
    rest = [_faulty_or_read(folder, name) for name in files.available(folder) if name not in uploaded]
    return sorted([*uploaded.values(), *rest], key=lambda each: each.name)


def find(services: Services, name: str, version: int | None = None) -> Dataset:
    """Return a dataset at a version; None is the newest version of an uploaded one.

    Raises:
        NotFound: There is no such dataset, or no such version of it.
        InvalidInput: It is a file that is faulty.
        Unavailable: The file system or the store does not answer.
    """
    if name != files.BUILT_IN and name in services.datasets.names():
        return services.dataset_files.with_digest(services.datasets.get(name, version))
    folder = services.settings.resolved_datasets_dir
    if name not in files.available(folder):
        raise NotFound("dataset", name)
    if version is not None:
        raise NotFound("version", f"{name}/{version}")
    return _in_file(folder, name)


def resolve(services: Services, name: str, version: int | None = None, *, pointer: str = "/dataset") -> Dataset:
    """Return the dataset that a job names, with the version and the digest that it will train on.

    Raises:
        InvalidInput: There is no such dataset or version, it has no training pictures yet, or its file is faulty.
        Unavailable: The file system or the store does not answer.
    """
    try:
        found = find(services, name, version)
    except NotFound as error:
        if error.kind == "dataset":
            raise files.unknown(name, names(services), pointer) from error
        message = f"The dataset {name!r} has no version {version}; leave the version out for the newest."
        raise InvalidInput.at(f"{pointer}/version", message, "no_such_version") from error
    if not found.train.samples and found.fault is None:
        message = f"The dataset {name!r} has no training pictures yet; add some first."
        raise InvalidInput.at(pointer, message, "no_pictures", name=name)
    return found


def load_version(services: Services, name: str, version: int | None = None) -> naivenet.datasets.Dataset:
    """Return the arrays of a dataset at a version; None is the version of files.

    A part without pictures has arrays of length 0.

    Raises:
        NotFound: The uploaded dataset, or its version, does not exist (any more).
        InvalidInput: There is no file of this name.
        DatasetError: The file is damaged or has the wrong form.
        CorruptCheckpoint: The uploaded arrays are missing or damaged.
        Unavailable: The file system or the store does not answer.
    """
    if version is None:
        return files.load(services.settings.resolved_datasets_dir, name)
    return services.dataset_files.load(services.datasets.get(name, version))


def _faulty_or_read(folder: Path, name: str) -> Dataset:
    try:
        return _in_file(folder, name)
    except (ServiceError, naivenet.DatasetError) as error:
        return Dataset(name=name, source="folder", at=_without_version(Part(), Part()), fault=str(error))


def _in_file(folder: Path, name: str) -> Dataset:
    """Return a dataset of a file; each state of a file is read once by a process.

    Raises:
        InvalidInput: The file is faulty.
        Unavailable: The file system does not answer.
    """
    files.check(folder, name)
    place = files.locate(folder, name)
    paths = [] if isinstance(place, str) else sorted(place.iterdir()) if place.is_dir() else [place]
    return _read(folder, name, tuple((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in paths))


@functools.lru_cache(maxsize=100)
def _read(folder: Path, name: str, state: object) -> Dataset:  # noqa: ARG001  # the state makes a changed file another key
    data = files.load(folder, name)
    return Dataset(
        name=name,
        source="built_in" if name == files.BUILT_IN else "folder",
        at=_without_version(part_of(data.y_train), part_of(data.y_test), naivenet.datasets.digest(data)),
        bytes=sum(each.nbytes for each in (data.x_train, data.y_train, data.x_test, data.y_test)),
    )


def part_of(labels: NDArray[np.uint8]) -> Part:
    """Return the counts of labels."""
    return Part(counts=tuple(np.bincount(labels, minlength=naivenet.datasets.CLASSES).tolist()))


def _without_version(train: Part, test: Part, digest: str | None = None) -> DatasetVersion:
    return DatasetVersion(version=None, train=train, test=test, digest=digest, created_at=None)
