"""Files of datasets over HTTP: an upload becomes a dataset, and an export becomes the same one again."""

import io
from collections.abc import Callable, Iterator

import httpx2
import numpy as np
import pytest

import naivenet
from service.domain.ids import new_id
from tests.integration.api.labelled import ROWS, added
from tests.integration.api.refusals import problem


def npz(images: int = 12) -> bytes:
    """An npz file with some pictures of MNIST, without a test part."""
    mnist, stream = naivenet.datasets.load(), io.BytesIO()
    np.savez_compressed(stream, x_train=mnist.x_test[:images], y_train=mnist.y_test[:images])
    return stream.getvalue()


@pytest.fixture
def upload(client: httpx2.Client) -> Iterator[Callable[..., httpx2.Response]]:
    """Upload a file as a dataset, which is deleted after the test."""
    names = []

    def uploading(data: bytes, **fields: str) -> httpx2.Response:
        names.append(new_id("up"))
        return client.post("/v1/datasets", files={"file": ("a.bin", data)}, data={"name": names[-1]} | fields)

    yield uploading
    for name in names:
        client.delete(f"/v1/datasets/{name}")


def test_an_uploaded_file_becomes_a_dataset(client: httpx2.Client, upload: Callable[..., httpx2.Response]) -> None:
    """It is divided by the share, and samples can be added to it."""
    made = upload(npz(), test_share="0.5")
    dataset = made.json()
    assert made.status_code == 201, made.text
    assert dataset["train"]["samples"] + dataset["test"]["samples"] == 12
    assert dataset["train"]["samples"] not in {0, 12}
    path = made.headers["location"]
    assert added(client, path, label=1, pixels=ROWS)["dataset"]["train"]["samples"] == dataset["train"]["samples"] + 1
    assert client.get(f"{path}/samples").json()["data"][0]["label"] == 1


@pytest.mark.parametrize("form", ["npz", "zip"])
def test_an_export_is_read_again(client: httpx2.Client, upload: Callable[..., httpx2.Response], form: str) -> None:
    """The dataset of an exported file has the same digest, with its samples and its parts; also an earlier version."""
    path = upload(npz()).headers["location"]
    version = added(client, path, label=1, pixels=ROWS)["dataset"]
    added(client, path, label=2, pixels=ROWS)
    exported = client.get(f"{path}/export", params={"format": form, "version": version["version"]})
    assert exported.headers["content-disposition"].endswith(f'-{version["version"]}.{form}"')
    again = upload(exported.content, test_share="0.9").json()
    assert (again["digest"], again["train"], again["test"]) == (version["digest"], version["train"], version["test"])
    headers = {"If-None-Match": exported.headers["etag"]}
    params = {"format": form, "version": version["version"]}
    assert client.get(f"{path}/export", params=params, headers=headers).status_code == 304
    part = client.get(f"{path}/export", params=params, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, exported.content[10:20])


def test_a_repeated_upload_makes_one_dataset(client: httpx2.Client) -> None:
    """The same key with the same pictures gives the first; with others it is a conflict."""
    fields, headers = {"name": new_id("once")}, {"Idempotency-Key": new_id("key")}

    def sent(data: bytes) -> httpx2.Response:
        return client.post("/v1/datasets", files={"file": ("a.npz", data)}, data=fields, headers=headers)

    first, again = sent(npz()), sent(npz())
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    problem(sent(npz(13)), 409)
    client.delete(first.headers["location"])


@pytest.mark.parametrize(
    ("data", "fields", "pointer"),
    [
        (b"hello", {}, "/file/1"),
        (npz(), {"name": "no/name"}, "/name"),
        (npz(), {"test_share": "1"}, "/test_share"),
        (npz(), {"test_share": "nan"}, "/test_share"),
        (npz(), {"test_shares": "0.5"}, "/test_shares"),
    ],
    ids=["file", "name", "share", "nan", "unknown"],
)
def test_a_wrong_upload_is_refused(client: httpx2.Client, data: bytes, fields: dict[str, str], pointer: str) -> None:
    """The error points at the file or the field, and no dataset is made."""
    before = client.get("/v1/datasets").json()
    form = {"name": "wrong"} | fields
    problem(client.post("/v1/datasets", files={"file": ("a.bin", data)}, data=form), 422, pointer)
    assert client.get("/v1/datasets").json() == before
