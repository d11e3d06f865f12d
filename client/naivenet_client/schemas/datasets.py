"""Datasets, their versions and samples."""

from datetime import datetime
from typing import Any, Literal, TypeAlias, TypedDict

from msgspec import Struct, field

from naivenet_client.schemas.jobs import Creator

Prepare: TypeAlias = Literal["auto", "always", "never"]
Split: TypeAlias = Literal["train", "test"]
DatasetFormat: TypeAlias = Literal["npz", "zip"]


class Part(Struct, frozen=True, kw_only=True):
    """The training pictures of a dataset, or its test pictures; *counts* is of each digit from 0 to 9."""

    samples: int
    counts: tuple[int, ...]


class DatasetData(Struct, kw_only=True):
    """A dataset at one of its versions. MNIST and files of the operator have none, and are read-only."""

    name: str
    source: Literal["built_in", "folder", "uploaded"]
    train: Part
    test: Part
    version: int | None = None
    versions: int = 0
    bytes: int = 0
    digest: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: Creator | None = None
    fault: str | None = None


class DatasetVersion(Struct, frozen=True, kw_only=True):
    """A version of a dataset, which never changes."""

    version: int
    train: Part
    test: Part
    created_at: datetime
    digest: str | None = None


class DatasetImage(Struct, frozen=True, kw_only=True):
    """One of the pictures of a dataset with its label; *png* has the 28×28 pixels, as a data URL."""

    dataset: str
    split: Split
    index: int
    label: int
    png: str
    version: int | None = None


class Original(Struct, frozen=True, kw_only=True):
    """The picture of a sample as it was sent."""

    bytes: int
    sha256: str
    media_type: str


class Sample(Struct, frozen=True, kw_only=True):
    """A picture with its label; *png* has the 28×28 pixels that the network gets, as a data URL."""

    id: str
    label: int
    split: Split
    png: str
    created_at: datetime
    input: dict[str, Any] = field(default_factory=dict)
    original: Original | None = None


class AddedSamples(Struct, frozen=True, kw_only=True):
    """The response to adding samples."""

    data: tuple[Sample, ...]
    dataset: DatasetData


class SampleFilter(TypedDict, total=False):
    """Which samples: all fields have to match.

    Attributes:
        label: Samples of this digit.
        split: Training pictures (``train``) or test pictures (``test``).
    """

    label: int | None
    split: Split | None
