# Generated from _async by `make client-sync`: change it there.
"""Samples: pictures with labels that are added to a dataset one by one."""

from collections.abc import Sequence
from typing import Any, Unpack

from naivenet_client._sync.http import Http
from naivenet_client._sync.pages import Pages
from naivenet_client.connection import Request, segment
from naivenet_client.pictures import instances
from naivenet_client.schemas.datasets import AddedSamples, Prepare, Sample, SampleFilter, Split


class Samples:
    """The samples of all datasets."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def add(
        self,
        name: str,
        pictures: Any,
        labels: int | Sequence[int],
        *,
        split: Split = "train",
        prepare: Prepare = "auto",
    ) -> Sequence[Sample]:
        """Add pictures to a dataset, all of them or none, as one new version; return the samples.

        Args:
            name: The dataset.
            pictures: One picture or a batch, as `Client.predict` takes them.
            labels: The digit of each picture, or of all.
            split: Whether they are trained (``train``) or tested on (``test``).
            prepare: Whether to prepare the pictures, as for predictions.

        Raises:
            FileNotFoundError: A path does not exist.
            InvalidInput: A picture cannot be read; `errors` says which.
            ValueError: There are more or fewer labels than pictures.
        """
        given = instances(pictures)
        digits = [labels] * len(given) if isinstance(labels, int) else list(labels)
        if len(digits) != len(given):
            raise ValueError(f"There are {len(given)} pictures, but {len(digits)} labels; give one label for each.")
        body = [{**each, "label": int(label), "split": split} for each, label in zip(given, digits, strict=True)]
        path = f"/v1/datasets/{segment(name)}/samples"
        request = Request(method="POST", path=path, params={"prepare": prepare}, json={"samples": body})
        return (self._http.fetch(AddedSamples, request)).data

    def list(self, name: str, *, limit: int | None = None, **matching: Unpack[SampleFilter]) -> Pages[Sample]:
        """Return the samples of a dataset, newest first; iterating over them loads page after page.

        Args:
            name: The dataset.
            limit: The largest number of samples.
            matching: `label` and `split`; see `naivenet_client.schemas.datasets.SampleFilter`.
        """
        request = Request(method="GET", path=f"/v1/datasets/{segment(name)}/samples", params=dict(matching))
        return Pages(self._http, Sample, request, limit=limit)

    def get(self, name: str, sample_id: str) -> Sample:
        """Return a sample."""
        return self._http.fetch(Sample, _request("GET", name, sample_id))

    def original(self, name: str, sample_id: str) -> bytes:
        """Return the picture of a sample byte for byte as it was sent.

        Raises:
            NotFound: There is no such sample, or it was sent as pixels.
        """
        path = f"/v1/datasets/{segment(name)}/samples/{segment(sample_id)}/original"
        return (self._http.send(Request(method="GET", path=path))).content

    def update(self, name: str, sample_id: str, *, label: int | None = None, split: Split | None = None) -> Sample:
        """Change the label or the split of a sample, and return it; this makes a version of the dataset."""
        body = {key: value for key, value in {"label": label, "split": split}.items() if value is not None}
        return self._http.fetch(Sample, _request("PATCH", name, sample_id, json=body))

    def delete(self, name: str, sample_id: str) -> None:
        """Remove a sample, and delete its original picture at once."""
        self._http.send(_request("DELETE", name, sample_id))


def _request(method: str, name: str, sample_id: str, *, json: Any = None) -> Request:
    path = f"/v1/datasets/{segment(name)}/samples/{segment(sample_id)}"
    return Request(method=method, path=path, json=json)
