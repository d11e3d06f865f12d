"""Finds a dataset by its name and version, and loads its arrays, wherever it comes from.

A name is first that of MNIST, then of an uploaded dataset, then of a file in the operator's folder. Only uploaded ones
have versions: for the others the version is None.
"""

import functools
from pathlib import Path

import naivenet
from service.composition import Services
from service.domain.dataset import Dataset, DatasetVersion, Part, Sample, Source
from service.domain.listing import Listing
from service.errors import Conflict, InvalidInput, NotFound, ServiceError
from service.jobs.datasets import files
from service.store.datasets.samples import SampleFilter


def names(services: Services) -> list[str]:
    """Return the names of all datasets; MNIST comes first."""
    found = {*files.available(services.settings.resolved_datasets_dir), *services.datasets.names()}
    return [files.BUILT_IN, *sorted(found - {files.BUILT_IN})]


def find_all(services: Services) -> list[Dataset]:
    """Return all datasets at their newest versions, by name; a file that cannot be read has a fault.

    The arrays of uploaded ones are not read: a version that was not read yet has no digest.
    """
    uploaded = {each.name: each for each in services.datasets.all()}
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
    if is_stored(services, name):
        return services.dataset_files.with_digest(services.datasets.get(name, version))
    if version is not None:
        raise NotFound("version", f"{name}/{version}")
    return _in_file(services.settings.resolved_datasets_dir, name)


def versions(services: Services, name: str) -> list[DatasetVersion]:
    """Return all versions of a dataset, the newest first; none for MNIST and files of the operator.

    Raises:
        NotFound: There is no such dataset.
    """
    return services.datasets.versions(name) if is_stored(services, name) else []


def page_of_samples(services: Services, name: str, listing: Listing, which: SampleFilter) -> tuple[list[Sample], bool]:
    """Return a page of the samples of a dataset, and whether there are more; none for MNIST and files of the operator.

    Raises:
        NotFound: There is no such dataset.
    """
    return services.samples.page(name, listing, which) if is_stored(services, name) else ([], False)


def is_stored(services: Services, name: str) -> bool:
    """Return whether clients made the dataset.

    Raises:
        NotFound: There is no such dataset.
    """
    if name != files.BUILT_IN and name in services.datasets.names():
        return True
    if name not in files.available(services.settings.resolved_datasets_dir):
        raise NotFound("dataset", name)
    return False


def check_writable(services: Services, name: str) -> None:
    """Check that a dataset is one that clients made.

    Raises:
        NotFound: There is no such dataset.
        Conflict: It is MNIST, or a file of the operator.
    """
    if not is_stored(services, name):
        raise Conflict(f"{owner_of(name)}, and cannot be changed; make a dataset of your own, and train on both.")


def owner_of(name: str) -> str:
    """Return who made a dataset that clients did not make, as the first half of a sentence."""
    if name == files.BUILT_IN:
        return f"The dataset {name!r} comes with the service"
    return f"The dataset {name!r} is a file in the operator's folder"


def resolve(
    services: Services,
    name: str,
    version: int | None = None,
    *,
    pointer: str = "/dataset",
    version_pointer: str = "/dataset_version",
) -> Dataset:
    """Return the dataset that a job names, with the version and the digest that it will train on.

    Args:
        services: The stores.
        name: Its name.
        version: Its version; the newest if None.
        pointer: Where the job names it.
        version_pointer: Where the job names the version.

    Raises:
        InvalidInput: There is no such dataset or version, it has no training pictures yet, or its file is faulty.
        Unavailable: The file system or the store does not answer.
    """
    try:
        found = _described(services, name, version, pointer)
    except NotFound as error:
        if error.kind == "dataset":
            raise files.unknown(name, names(services), pointer) from error
        message = f"The dataset {name!r} has no version {version}; leave the version out for the newest."
        raise InvalidInput.at(version_pointer, message, "no_such_version") from error
    if not found.train.samples and found.fault is None:
        message = f"The dataset {name!r} has no training pictures yet; add some first."
        raise InvalidInput.at(pointer, message, "no_pictures", name=name)
    return found


def _described(services: Services, name: str, version: int | None, pointer: str) -> Dataset:
    """Return what `find` returns, without reading the pictures of a file, and without any digest."""
    if is_stored(services, name):
        return services.datasets.get(name, version)
    if version is not None:
        raise NotFound("version", f"{name}/{version}")
    train, test = map(Part.of, files.labels(services.settings.resolved_datasets_dir, name, pointer=pointer))
    source: Source = "built_in" if name == files.BUILT_IN else "folder"
    return Dataset(name=name, source=source, at=_without_version(train, test))


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
    files.labels(folder, name)  # whose errors name the first wrong label
    place = files.locate(folder, name)
    paths = [] if isinstance(place, str) else sorted(place.iterdir()) if place.is_dir() else [place]
    return _read(folder, name, tuple((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in paths))


@functools.lru_cache(maxsize=100)
def _read(folder: Path, name: str, state: object) -> Dataset:  # noqa: ARG001  # the state makes a changed file another key
    data = files.load(folder, name)
    return Dataset(
        name=name,
        source="built_in" if name == files.BUILT_IN else "folder",
        at=_without_version(Part.of(data.y_train), Part.of(data.y_test), naivenet.datasets.digest(data)),
        bytes=sum(each.nbytes for each in (data.x_train, data.y_train, data.x_test, data.y_test)),
    )


def _without_version(train: Part, test: Part, digest: str | None = None) -> DatasetVersion:
    return DatasetVersion(version=None, train=train, test=test, digest=digest, created_at=None)
