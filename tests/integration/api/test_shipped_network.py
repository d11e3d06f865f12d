"""A fresh service reads digits by the network that ships, which is a version and a checkpoint like others."""

from collections.abc import Iterator

import httpx2
import pytest

import naivenet
from service.shipped_network import FILE, SHA256
from tests.conftest import StartServer
from tests.servers import Json, finished, start_job


@pytest.fixture(scope="module")
def shipped(client: httpx2.Client) -> Json:
    """The shipped checkpoint of the shared service."""
    versions = client.get("/v1/models/digits").json()["versions"]
    (version,) = [each for each in versions if each["shipped"]]
    assert (version["version"], version["job_id"]) == (1, None)
    checkpoint: Json = client.get(f"/v1/checkpoints/{version['checkpoint_id']}").json()
    return checkpoint


@pytest.fixture
def fresh(start_server: StartServer) -> Iterator[httpx2.Client]:
    """A client of a service that has just started for the first time."""
    with start_server(trainer=False).client() as speaking:
        yield speaking


def test_the_first_request_is_answered(fresh: httpx2.Client) -> None:
    """Before anything was trained here, and the answer is right."""
    mnist = naivenet.datasets.load("mnist")
    body = {"instances": [{"pixels": each.tolist()} for each in mnist.x_test[:50]]}
    answer = fresh.post("/v1/predict", json=body).json()
    assert [each["digit"] for each in answer["predictions"]] == mnist.y_test[:50].tolist()
    assert (answer["model"], answer["version"]) == ("digits", 1)
    assert fresh.get("/v1/jobs").json()["data"] == []


def test_it_says_what_it_is(client: httpx2.Client, shipped: Json) -> None:
    """Its checkpoint has no job, but metrics and the digest of the package; an upload of its bytes is not shipped."""
    assert (shipped["shipped"], shipped["job_id"], shipped["sha256"]) == (True, None, SHA256)
    assert shipped["metrics"]["test_accuracy"] == 0.9915
    files = {"weights": FILE.read_bytes()}
    assert client.post("/v1/checkpoints", files=files).json()["shipped"] is False


def test_it_can_be_evaluated_and_downloaded(client: httpx2.Client, shipped: Json) -> None:
    """Though it has no job, it is evaluated on MNIST, and its network and its files are there."""
    path = f"/v1/checkpoints/{shipped['id']}"
    found = client.get(f"{path}/evaluation").json()
    assert (found["dataset"], found["samples"], found["accuracy"]) == ("mnist", 10_000, 0.9915)
    assert client.get(f"{path}/network").is_success
    for format_ in ("safetensors", "npz", "onnx"):
        assert client.get(f"{path}/weights", params={"format": format_}).is_success


def test_a_job_can_start_from_it(client: httpx2.Client, shipped: Json) -> None:
    """By its version, without a network in the body."""
    job = finished(client, start_job(client, init_from="digits@1", optimizer={"learning_rate": 1e-6}))
    assert (job["status"], job["init_from"]) == ("succeeded", shipped["id"])
    assert job["result"]["test_accuracy"] > 0.98


def test_it_cannot_be_deleted_while_its_version_exists(client: httpx2.Client, shipped: Json) -> None:
    """As any other checkpoint of a version."""
    answer = client.delete(f"/v1/checkpoints/{shipped['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_in_use")
    assert "version 1 of the model" in answer.json()["detail"]
