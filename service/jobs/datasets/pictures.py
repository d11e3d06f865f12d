"""Finds single pictures of a dataset by their index, with their labels."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.composition import Services
from service.domain.dataset import Dataset, Split
from service.errors import NotFound
from service.jobs.datasets.finding import find, load_version


class LabelledPicture(NamedTuple):
    """A picture of a dataset at a version, and the digit that it shows.

    Shapes:
        pixels: (28, 28), uint8.
    """

    dataset: Dataset
    pixels: NDArray[np.uint8]
    label: int


def picture(services: Services, name: str, index: int, *, split: Split, version: int | None = None) -> LabelledPicture:
    """Return one picture of a dataset; the newest parts that were read stay in memory.

    Raises:
        NotFound: There is no such dataset, version or picture.
        InvalidInput: The dataset is a file that is faulty.
        Unavailable: The file system or the store does not answer.
    """
    found = find(services, name, version)
    part = found.train if split == "train" else found.test
    if index >= part.samples:
        raise NotFound("picture", f"{name}/{split}/{index}")
    key = _Part(digest=found.digest or "", split=split, load=lambda: load_version(services, name, found.version))
    pixels, labels = _read(key)
    return LabelledPicture(found, pixels[index], int(labels[index]))


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A part of a dataset: two with the same digest are the same, however they are loaded."""

    digest: str
    split: Split
    load: Callable[[], naivenet.datasets.Dataset] = field(compare=False)


@functools.lru_cache(maxsize=2)
def _read(part: _Part) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    data = part.load()
    if part.split == "train":
        return data.x_train, data.y_train
    return data.x_test, data.y_test
