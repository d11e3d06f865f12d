# Generated from _async by `make client-sync`: change it there.
"""Datasets: MNIST, files of the operator, and your own."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Unpack

from naivenet_client._sync.bound import Bound, bind, fetch_bound
from naivenet_client._sync.http import Http
from naivenet_client._sync.job import Job, create
from naivenet_client._sync.pages import Pages
from naivenet_client._sync.samples import Samples
from naivenet_client.connection import Request, segment
from naivenet_client.files import form_file_or_folder, write_whole
from naivenet_client.schemas.common import Page
from naivenet_client.schemas.datasets import (
    DatasetData,
    DatasetFormat,
    DatasetImage,
    DatasetVersion,
    Sample,
    SampleFilter,
    Split,
)
from naivenet_client.schemas.jobs import JobFields

#: How long the service may take to read an uploaded dataset, or to write one, in seconds.
UPLOAD_TIMEOUT_S = 180.0


class Dataset(Bound, DatasetData, kw_only=True, dict=True):
    """A dataset: pictures of digits with their labels, to train and to test on."""

    def add(self, pictures: Any, labels: int | Sequence[int], *, split: Split = "train") -> Sequence[Sample]:
        """Add pictures with their labels, as one new version; see `Samples.add`."""
        return Samples(self._http).add(self.name, pictures, labels, split=split)

    def samples(self, *, limit: int | None = None, **matching: Unpack[SampleFilter]) -> Pages[Sample]:
        """Return the samples, newest first; see `Samples.list`."""
        return Samples(self._http).list(self.name, limit=limit, **matching)

    def teach(self, **fields: Unpack[JobFields]) -> Job:
        """Start a job that teaches the dataset to the live network; see `Datasets.teach`."""
        return Datasets(self._http).teach(self.name, **fields)

    def export(self, path: str | PathLike[str] = ".", *, format: DatasetFormat = "npz") -> Path:  # noqa: A002  # the service's name
        """Write the dataset at this version to a file; see `Datasets.export`."""
        return Datasets(self._http).export(self.name, path, format=format, version=self.version)

    def refresh(self) -> "Dataset":
        """Return the dataset at its newest version."""
        return Datasets(self._http).get(self.name)

    def delete(self) -> None:
        """Delete the dataset, which no unfinished job may use."""
        Datasets(self._http).delete(self.name)

    def __repr__(self) -> str:
        """Return a short text."""
        version = "" if self.version is None else f", version {self.version}"
        return f"Dataset({self.name}{version}, {self.train.samples} + {self.test.samples} pictures)"


class Datasets:
    """The datasets of the service.

    Attributes:
        samples: The pictures that were added to datasets one by one.
    """

    def __init__(self, http: Http) -> None:
        self._http = http
        self.samples = Samples(http)

    def create(
        self, name: str, file: str | PathLike[str] | bytes | None = None, *, test_share: float | None = None
    ) -> Dataset:
        """Make a dataset of a file, or an empty one to collect samples in, and return it.

        Args:
            name: Its name.
            file: An npz, CSV or zip file: its path or its bytes. Or a folder, with a folder of pictures for each digit,
                ``7/a.png``, or with the IDX files of Fashion-MNIST.
            test_share: The share of the pictures that become test pictures if the file does not divide them; a sixth if
                it is not given.

        Raises:
            Conflict: There is a dataset of this name.
            InvalidInput: The file cannot be read; `errors` says why.
        """
        if file is None:
            request = Request(method="POST", path="/v1/datasets", json={"name": name})
        else:
            data = {"name": name} | ({} if test_share is None else {"test_share": str(test_share)})
            files = {"file": form_file_or_folder(file, name="dataset")}
            request = Request(method="POST", path="/v1/datasets", files=files, data=data, timeout=UPLOAD_TIMEOUT_S)
        return fetch_bound(self._http, Dataset, request)

    def get(self, name: str, *, version: int | None = None) -> Dataset:
        """Return a dataset, at its newest version unless another is named."""
        request = Request(method="GET", path=f"/v1/datasets/{segment(name)}", params={"version": version})
        return fetch_bound(self._http, Dataset, request)

    def list(self) -> Sequence[Dataset]:
        """Return all datasets, by name."""
        found = self._http.fetch(Page[Dataset], Request(method="GET", path="/v1/datasets"))
        return [bind(dataset, self._http) for dataset in found.data]

    def versions(self, name: str) -> Sequence[DatasetVersion]:
        """Return all versions of a dataset, newest first; MNIST and files of the operator have none."""
        request = Request(method="GET", path=f"/v1/datasets/{segment(name)}/versions")
        return Pages(self._http, DatasetVersion, request, limit=None).all()

    def image(self, name: str, index: int, *, split: Split = "test", version: int | None = None) -> DatasetImage:
        """Return one picture of a dataset by its index in the split, with its label."""
        path = f"/v1/datasets/{segment(name)}/images/{index}"
        request = Request(method="GET", path=path, params={"split": split, "version": version})
        return self._http.fetch(DatasetImage, request)

    def teach(
        self,
        name: str,
        /,
        config: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[JobFields],
    ) -> Job:
        """Start a job of seconds that adds a dataset to what the live network reads, and return it.

        Its `result.sets` has the accuracy on MNIST and on this dataset.

        Args:
            name: The name of the dataset.
            config: Fields of the job in place of those of teaching.
            idempotency_key: As for `Jobs.create`.
            fields: Likewise.

        Raises:
            InvalidInput: The dataset has no training images, no network is live yet, or a field is wrong.
        """
        body = {**(config or {}), **fields}
        return create(self._http, f"/v1/datasets/{segment(name)}/teach", body, idempotency_key)

    def export(
        self,
        name: str,
        path: str | PathLike[str] = ".",
        *,
        format: DatasetFormat = "npz",  # noqa: A002  # the service's name
        version: int | None = None,
    ) -> Path:
        """Write a dataset to a file that `create` reads again, picture for picture, and return its path.

        Args:
            name: The dataset.
            path: The file, or a folder in which it gets a name.
            format: ``npz``, or ``zip`` for labelled folders of pictures.
            version: A version; the newest unless it is given.
        """
        params = {"format": format, "version": version}
        request = Request(
            method="GET", path=f"/v1/datasets/{segment(name)}/export", params=params, timeout=UPLOAD_TIMEOUT_S
        )
        response = self._http.send(request)
        suffix = "" if version is None else f"-{version}"
        return write_whole(path, response.content, name=f"{name}{suffix}.{format}")

    def delete(self, name: str) -> None:
        """Delete a dataset with all its versions and pictures.

        Raises:
            Conflict: An unfinished job uses it, or it is read-only.
        """
        self._http.send(Request(method="DELETE", path=f"/v1/datasets/{segment(name)}"))
