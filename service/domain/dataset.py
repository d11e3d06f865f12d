"""Datasets: what clients see of one, its versions, and the pictures that were added to it one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.domain.key import Creator

Labels = NDArray[np.uint8]
Source = Literal["built_in", "folder", "uploaded"]
Split = Literal["train", "test"]

#: The prefixes of the ids of datasets and of samples, by which their files are named.
DATASET, SAMPLE = "ds", "smp"

#: The names that a dataset can have.
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"

#: The counts of a part without pictures.
NO_PICTURES = (0,) * naivenet.datasets.CLASSES


@dataclass(frozen=True, kw_only=True)
class Part:
    """The training pictures of a dataset, or its test pictures.

    Attributes:
        counts: The number of pictures of each class, from 0 to 9.
    """

    counts: tuple[int, ...] = NO_PICTURES

    @classmethod
    def of(cls, labels: Labels) -> "Part":
        """Return the counts of *labels*."""
        return cls(counts=tuple(np.bincount(labels, minlength=naivenet.datasets.CLASSES).tolist()))

    @property
    def samples(self) -> int:
        """The number of pictures."""
        return sum(self.counts)

    def plus(self, label: int, number: int = 1) -> "Part":
        """Return the part with *number* more pictures of a class."""
        return Part(counts=tuple(count + number * (each == label) for each, count in enumerate(self.counts)))


@dataclass(frozen=True, kw_only=True)
class DatasetVersion:
    """A version of a dataset, which never changes.

    Attributes:
        version: Its number, from 1; None for files of the operator and for MNIST, which have no versions.
        digest: The digest of its arrays (`naivenet.datasets.digest`); None until it is computed.
    """

    version: int | None
    train: Part
    test: Part
    digest: str | None
    created_at: datetime | None

    def plus(self, split: Split, label: int, number: int = 1) -> "DatasetVersion":
        """Return the version with *number* more pictures of a class."""
        if split == "train":
            return replace(self, train=self.train.plus(label, number))
        return replace(self, test=self.test.plus(label, number))


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset, at one of its versions.

    Attributes:
        id: Names its files in the blob store; None unless it was uploaded.
        at: The version: the newest, or the requested one.
        versions: The number of its versions.
        bytes: What it takes in the blob store and in the database; for a file, the size of its arrays.
        sha256: The digest of the file with its uploaded arrays; None if it has none.
        created_by: The API key that made it; None if no key was required.
        fault: What is wrong with a file of the operator, which then has no pictures.
    """

    name: str
    source: Source
    at: DatasetVersion
    versions: int = 0
    bytes: int = 0
    id: str | None = None
    sha256: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: Creator | None = None
    fault: str | None = None

    @property
    def version(self) -> int | None:
        """The number of the version; None for files."""
        return self.at.version

    @property
    def digest(self) -> str | None:
        """The digest of the version's arrays."""
        return self.at.digest

    @property
    def train(self) -> Part:
        """The training pictures."""
        return self.at.train

    @property
    def test(self) -> Part:
        """The test pictures."""
        return self.at.test


@dataclass(frozen=True, kw_only=True)
class Original:
    """The picture of a sample as the client sent it, in the blob store.

    Attributes:
        bytes: Its size.
        sha256: Its digest, in hexadecimal.
        media_type: As its bytes show.
    """

    bytes: int
    sha256: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A picture that was added to a dataset, as the network takes it.

    Attributes:
        pixels: 784 bytes, light on dark, row by row.
        report: What the preparation did to the picture.
        original: The picture before that; None if the client sent pixels.
    """

    id: str
    label: int
    split: Split
    pixels: bytes = field(repr=False)
    report: Mapping[str, Any]
    original: Original | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class DatasetLimits:
    """The operator's limits on datasets.

    Attributes:
        max_datasets: The most uploaded datasets.
        max_samples: The most pictures of one.
        max_bytes: The most bytes of one, with the original pictures.
    """

    max_datasets: int
    max_samples: int
    max_bytes: int


def arrays_blob_of(dataset_id: str) -> str:
    """Return the name of the file with the uploaded arrays of a dataset."""
    return f"{dataset_id}.npz"


def original_blob_of(sample_id: str) -> str:
    """Return the name of the file with the original picture of a sample."""
    return f"{sample_id}.original"
