"""Errors are problems, every answer has its number, and the document tells the truth."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import naivenet
from service import errors
from service.api.app import create_app
from service.api.http.problems import TABLE
from service.settings import Settings
from tests.conftest import StartServer
from tests.servers import Json

BODIES = ("post", "put", "patch")


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> Json:
    """The OpenAPI document as it is served."""
    served: Json = client.get("/openapi.json").json()
    return served


def kinds(root: type[Exception]) -> list[type[Exception]]:
    """The class and all below it."""
    return [root, *(each for kind in root.__subclasses__() for each in kinds(kind))]


def weights() -> bytes:
    """The notebook's network, all zeros."""
    network = naivenet.NOTEBOOK_NETWORK
    return naivenet.to_safetensors(network.with_weights([np.zeros(shape, "f") for shape in network.shapes(784)]))


@pytest.mark.parametrize("kind", kinds(errors.ServiceError))
def test_every_error_has_a_status(kind: type[errors.ServiceError]) -> None:
    """Its own row of the table, or its parent's."""
    assert any(each in TABLE for each in kind.__mro__)


def test_codes_are_stable_names() -> None:
    """One for each row, in lower case; only the catch-all may repeat."""
    codes = [code for _, code in TABLE.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


def test_the_tree_of_errors_is_drawn_whole() -> None:
    """The docstring names every class of the module."""
    drawn = set(re.findall(r"\b[A-Z]\w+(?=\s)", errors.__doc__ or ""))
    assert {kind.__name__ for kind in kinds(errors.ServiceError) if kind.__module__ == errors.__name__} <= drawn


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/v1/predict", 405)])
def test_errors_of_routing_are_problems(client: httpx.Client, method: str, path: str, status: int) -> None:
    """As all others; a wrong method says which are right."""
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= {"type", "title", "status", "detail", "instance", "code"}
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/jobs", "GET, POST"), ("/v1/jobs/job_x", "DELETE, GET, PATCH"), ("/v1/checkpoints", "GET, POST")],
)
def test_a_wrong_method_is_told_all_that_are_right(client: httpx.Client, path: str, allowed: str) -> None:
    """Those of every route at the path."""
    assert client.put(path).headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/health/live", "/v1/jobs", "/nowhere", "/v1/jobs?limit=x"])
def test_every_answer_has_a_request_id(client: httpx.Client, path: str) -> None:
    """The caller's own where it has one, else a new one."""
    first, second = client.get(path), client.get(path)
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert client.get(path, headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"


def test_a_strange_request_id_is_not_repeated(client: httpx.Client) -> None:
    """What could not be written in a log is replaced."""
    assert client.get("/health/live", headers={"x-request-id": "a b\tc"}).headers["x-request-id"] != "a b\tc"


def test_an_error_nobody_foresaw_is_a_problem(start_server: StartServer) -> None:
    """``500`` with a request id, telling nothing of the inside; a damaged file is told by its code."""
    server = start_server(trainer=False)
    with server.client() as client:
        uploaded = client.post("/v1/checkpoints", files={"weights": weights()}).json()
        (server.data_dir / "checkpoints" / f"{uploaded['id']}.safetensors").write_bytes(b"damaged")
        corrupt = client.get(f"/v1/checkpoints/{uploaded['id']}/weights")
        assert (corrupt.status_code, corrupt.json()["code"]) == (500, "corrupt_checkpoint")
        added = client.post("/v1/models/digits/versions", json={"checkpoint_id": uploaded["id"]})
        assert added.json()["code"] == "corrupt_checkpoint"
        assert client.get("/v1/models/digits").json()["versions"] == []
        with closing(sqlite3.connect(server.data_dir / "naivenet.db")) as database:
            database.execute("UPDATE checkpoints SET network = '{}'")
            database.commit()
        unforeseen = client.get(f"/v1/checkpoints/{uploaded['id']}", headers={"x-request-id": "odd"})
    assert (unforeseen.status_code, unforeseen.json()["code"]) == (500, "internal_error")
    assert unforeseen.headers["x-request-id"] == "odd"
    assert "layers" not in unforeseen.text


def test_a_service_without_its_storage_is_not_ready(start_server: StartServer) -> None:
    """``503``, saying which part; alive it is."""
    server = start_server(trainer=False)
    (server.data_dir / "checkpoints").rename(server.data_dir / "elsewhere")
    with server.client() as client:
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "not_ready", "ok")
        assert "checkpoints" in answer.json()["storage"]
        assert client.get("/health/live").json() == {"status": "live"}


def test_no_reference_hangs_in_the_air(document: Json) -> None:
    """Every ``$ref`` of the document leads to something."""
    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(document))):
        here: Any = document
        for part in reference.split("/"):
            here = here[part]


def test_a_parameter_is_left_out_or_is_something(document: Json) -> None:
    """``?status=null`` is no status."""
    operations = [each for path in document["paths"].values() for each in path.values()]
    parameters = [parameter for each in operations for parameter in each.get("parameters", [])]
    assert len(parameters) > 50
    assert '"null"' not in json.dumps(parameters)


def test_every_body_has_an_example(document: Json) -> None:
    """In each of its forms."""
    for path, operations in document["paths"].items():
        for method in BODIES:
            content = operations.get(method, {}).get("requestBody", {}).get("content", {})
            for media, described in content.items():
                assert described.keys() & {"example", "examples"}, (method, path, media)


def test_the_examples_of_jobs_are_valid(client: httpx.Client, document: Json) -> None:
    """Each resolves."""
    examples = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        answer = client.post("/v1/jobs?validate_only=true", json=example["value"])
        assert answer.status_code == httpx.codes.OK, answer.text


def test_the_examples_of_predictions_run(client: httpx.Client, trained: Json, document: Json) -> None:
    """Each is answered."""
    content = document["paths"]["/v1/predict"]["post"]["requestBody"]["content"]
    for example in content["application/json"]["examples"].values():
        answer = client.post("/v1/predict", json=example["value"])
        assert answer.status_code == httpx.codes.OK, answer.text


def test_the_documents_network_can_be_uploaded_beside_weights(client: httpx.Client, document: Json) -> None:
    """The example's network is that of the notebook's weights."""
    body = document["paths"]["/v1/checkpoints"]["post"]["requestBody"]["content"]["multipart/form-data"]
    answer = client.post("/v1/checkpoints", files={"weights": weights()}, data={"network": body["example"]["network"]})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    client.delete(answer.headers["location"])


def test_operations_have_summaries_and_names(document: Json) -> None:
    """Each of its own."""
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert all(each.get("summary") and each.get("description") for each in operations)
    assert len({each["operationId"] for each in operations}) == len(operations)


def test_an_application_opens_nothing_before_it_starts(tmp_path: Path) -> None:
    """Making one touches no disk."""
    create_app(Settings(data_dir=tmp_path / "none"))
    assert not (tmp_path / "none").exists()
