"""Checkpoints over HTTP: downloaded whole, in ranges or conditionally; uploaded, listed, deleted."""

import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest

import naivenet
from tests.servers import Json, finished, start_job

LAYERS = [{"units": 4, "activation": "relu"}, {"units": 10, "activation": "softmax"}]
NETWORK = json.dumps({"layers": LAYERS})
SHAPES = [(784, 4), (4,), (4, 10), (10,)]


def small(seed: int = 0) -> naivenet.NaiveSequential:
    """Return a small network."""
    random = np.random.default_rng(seed)
    network = naivenet.Network.from_dict({"layers": LAYERS})
    return network.with_weights([random.normal(size=shape).astype("f") for shape in SHAPES])


def upload(client: httpx2.Client, data: bytes, **fields: str) -> httpx2.Response:
    """Upload weights."""
    return client.post("/v1/checkpoints", files={"weights": ("w", data)}, data=fields)


@pytest.fixture
def uploaded(client: httpx2.Client) -> Iterator[Json]:
    """Yield a checkpoint without a job; delete it after the test unless a model or job uses it."""
    answer = upload(client, naivenet.to_safetensors(small()))
    assert answer.status_code == httpx2.codes.CREATED, answer.text
    yield answer.json()
    client.delete(f"/v1/checkpoints/{answer.json()['id']}")


def test_a_checkpoint_has_its_metadata(client: httpx2.Client, trained: Json) -> None:
    """It has every field of the contract."""
    checkpoint = client.get(f"/v1/checkpoints/{trained['result']['checkpoint_id']}").json()
    assert (checkpoint["job_id"], checkpoint["step"], checkpoint["epoch"]) == (trained["id"], 30, 2)
    assert checkpoint["network"] == trained["network"]
    assert checkpoint["metrics"]["test_accuracy"] == trained["result"]["test_accuracy"]
    assert checkpoint["resumable"] is True


@pytest.mark.parametrize("form", ["safetensors", "npz"])
def test_the_etag_is_the_digest(client: httpx2.Client, trained: Json, form: str) -> None:
    """The ``ETag`` is the digest of the bytes, which are the same each time."""
    url = f"/v1/checkpoints/{trained['result']['checkpoint_id']}/weights?format={form}"
    first, second = client.get(url), client.get(url)
    assert first.content == second.content
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    assert first.headers["content-disposition"].endswith(f'.{form}"')


def test_the_default_format_has_the_checkpoints_size_and_digest(client: httpx2.Client, uploaded: Json) -> None:
    """The ``bytes`` and ``sha256`` of a checkpoint are those of its safetensors file."""
    data = client.get(f"/v1/checkpoints/{uploaded['id']}/weights").content
    assert (len(data), hashlib.sha256(data).hexdigest()) == (uploaded["bytes"], uploaded["sha256"])


@pytest.mark.parametrize("tag", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
def test_a_current_copy_is_not_sent_again(client: httpx2.Client, uploaded: Json, tag: str) -> None:
    """``If-None-Match`` with the ``ETag`` is a ``304`` without a body."""
    url, etag = f"/v1/checkpoints/{uploaded['id']}/weights", f'"{uploaded["sha256"]}"'
    answer = client.get(url, headers={"if-none-match": tag.format(etag=etag)})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert client.get(url, headers={"if-none-match": '"other"'}).status_code == httpx2.codes.OK


@pytest.mark.parametrize(
    ("wanted", "status", "expected"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-999999999999999999", 206, slice(None)),
        ("bytes=-999999999999999999", 206, slice(None)),
        ("bytes=999999999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=9-3", 416, slice(0, 0)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("bytes=" + "9" * 5000 + "-", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_a_range(client: httpx2.Client, uploaded: Json, wanted: str, status: int, expected: slice) -> None:
    """A range returns its part; one beyond the end nothing; one of an unsupported form is ignored."""
    url = f"/v1/checkpoints/{uploaded['id']}/weights"
    whole, answer = client.get(url).content, client.get(url, headers={"range": wanted})
    assert (answer.status_code, answer.content) == (status, whole[expected])
    if status == 206:
        first = len(whole) - len(answer.content) if expected.stop is None else expected.start
        assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(whole)}"


def test_a_download_continues_only_with_the_same_bytes(client: httpx2.Client, uploaded: Json) -> None:
    """``If-Range`` with another ``ETag`` returns the whole file."""
    headers = {"range": "bytes=0-9", "if-range": '"other"'}
    assert client.get(f"/v1/checkpoints/{uploaded['id']}/weights", headers=headers).status_code == httpx2.codes.OK


@pytest.mark.parametrize("form", ["safetensors", "npz"])
def test_uploaded_weights_can_be_downloaded(client: httpx2.Client, form: str) -> None:
    """The numbers stay the same; a safetensors file of the service needs no network."""
    model = small(1)
    data = naivenet.to_safetensors(model) if form == "safetensors" else naivenet.to_npz(model)
    answer = upload(client, data, **({} if form == "safetensors" else {"network": NETWORK}))
    checkpoint: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/checkpoints/{checkpoint['id']}"
    assert (checkpoint["job_id"], checkpoint["resumable"], checkpoint["metrics"]) == (None, False, {})
    npz = client.get(f"/v1/checkpoints/{checkpoint['id']}/weights?format=npz").content
    with np.load(io.BytesIO(npz), allow_pickle=False) as arrays:
        assert all(
            np.array_equal(arrays[name], w) for name, w in zip(("W0", "b0", "W1", "b1"), model.weights, strict=True)
        )
    assert client.delete(f"/v1/checkpoints/{checkpoint['id']}").status_code == httpx2.codes.NO_CONTENT
    assert client.get(f"/v1/checkpoints/{checkpoint['id']}").status_code == httpx2.codes.NOT_FOUND


def test_an_upload_starts_a_job(client: httpx2.Client, uploaded: Json) -> None:
    """``init_from`` can be an uploaded checkpoint."""
    start = {"init_from": uploaded["id"], "network": uploaded["network"]}
    assert finished(client, start_job(client, **start))["status"] == "succeeded"


def test_a_checkpoint_in_use_is_not_deleted(client: httpx2.Client, trained: Json) -> None:
    """The response is a ``409`` that names the model version."""
    used = client.get("/v1/models/digits").json()["versions"][-1]["checkpoint_id"]
    answer = client.delete(f"/v1/checkpoints/{used}")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_in_use")
    assert "version 1 of the model 'digits'" in answer.json()["detail"]


def test_checkpoints_are_listed(client: httpx2.Client, trained: Json) -> None:
    """Both paths list a job's checkpoints, newest first, in pages."""
    both = [f"/v1/checkpoints?job={trained['id']}", f"/v1/jobs/{trained['id']}/checkpoints?"]
    for path in both:
        first = client.get(f"{path}&limit=1").json()
        rest = client.get(f"{path}&after={first['data'][0]['id']}").json()
        assert [each["step"] for each in first["data"] + rest["data"]] == [30, 15]
        assert (first["has_more"], rest["has_more"]) == (True, False)


def test_an_upload_may_be_larger_than_other_bodies(client: httpx2.Client) -> None:
    """It is read beyond the limit of other bodies, and refused only for its content."""
    answer = upload(client, bytes(17_000_000))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/weights")


@pytest.mark.parametrize("path", ["/v1/models/letters-{}", "/v1/models/digits.{}-x"])
def test_a_client_can_add_a_model(client: httpx2.Client, uploaded: Json, path: str) -> None:
    """A model of any name has versions and aliases, guarded by their ``ETag``, and makes predictions."""
    url = path.format(uploaded["id"][-6:])
    name = url.rpartition("/")[2]
    added = client.post(f"{url}/versions", json={"checkpoint_id": uploaded["id"]})
    assert (added.status_code, added.json()["version"], added.json()["state"]) == (201, 1, "AVAILABLE")
    pinned = client.put(f"{url}/aliases/canary", json={"version": 1}, headers={"if-match": '"0"'})
    assert (pinned.status_code, pinned.headers["etag"]) == (200, '"1"')
    alias = next(each for each in client.get(url).json()["aliases"] if each["alias"] == "canary")
    assert alias["etag"] == '"1"'  # what the next change needs in `If-Match`
    for stale in ('"0"', '"x"', '"' + "9" * 5000 + '"'):
        refused = client.put(f"{url}/aliases/canary", json={"version": 1}, headers={"if-match": stale})
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    answer = client.post(f"/v1/predict?model={name}&alias=canary", json={"pixels": [0] * 784}).json()
    assert (answer["model"], answer["version"], answer["checkpoint_id"]) == (name, 1, uploaded["id"])
    assert client.delete(f"{url}/aliases/canary", headers={"if-match": '"1"'}).status_code == httpx2.codes.NO_CONTENT
    assert client.post(f"/v1/predict?model={name}&alias=canary", json={"pixels": [0] * 784}).status_code == 404
