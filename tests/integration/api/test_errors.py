"""Errors are problem documents, every response has a request id, and the OpenAPI document is correct."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

import naivenet
from service import errors
from service.api.app import create_app
from service.api.http.problems import TABLE
from service.settings import Settings
from tests.conftest import StartServer
from tests.integration.api.refusals import problem
from tests.servers import Json, start_job, until

BODIES = ("post", "put", "patch")


@pytest.fixture(scope="module")
def document(client: httpx2.Client) -> Json:
    """The OpenAPI document as it is served."""
    served: Json = client.get("/openapi.json").json()
    return served


def kinds(root: type[Exception]) -> list[type[Exception]]:
    """The class and all its subclasses."""
    return [root, *(each for kind in root.__subclasses__() for each in kinds(kind))]


def weights() -> bytes:
    """The notebook's network, all zeros."""
    network = naivenet.NOTEBOOK_NETWORK
    return naivenet.to_safetensors(network.with_weights([np.zeros(shape, "f") for shape in network.shapes(784)]))


@pytest.mark.parametrize("kind", kinds(errors.ServiceError))
def test_every_error_has_a_status(kind: type[errors.ServiceError]) -> None:
    """An error class has its own row of the table, or its parent's."""
    assert any(each in TABLE for each in kind.__mro__)


def test_codes_are_stable_names() -> None:
    """Each row has a code of its own, in lower case."""
    codes = [code for _, code in TABLE.values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


def test_the_tree_of_errors_is_complete() -> None:
    """The docstring names every class of the module."""
    drawn = set(re.findall(r"\b[A-Z]\w+(?=\s)", errors.__doc__ or ""))
    assert {kind.__name__ for kind in kinds(errors.ServiceError) if kind.__module__ == errors.__name__} <= drawn


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/v1/predict", 405)])
def test_errors_of_routing_are_problems(client: httpx2.Client, method: str, path: str, status: int) -> None:
    """An unknown path is a 404, a wrong method a 405 with `Allow`; both are problem documents."""
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= {"type", "title", "status", "detail", "instance", "code"}
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/jobs", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/v1/jobs/job_x", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/v1/checkpoints", "GET, HEAD, OPTIONS, POST"),
        ("/v1/jobs/job_x/cancel", "OPTIONS, POST"),
        ("/v1/jobs/validate", "OPTIONS, POST"),
        ("/v1/models/digits/versions/1:predict", "OPTIONS, POST"),
    ],
)
def test_a_405_lists_all_methods_of_the_path(client: httpx2.Client, path: str, allowed: str) -> None:
    """`Allow` has the methods of every route at the path; OPTIONS asks for it, and is answered without a body."""
    assert client.put(path).headers["allow"] == allowed
    asked = client.options(path)
    assert (asked.status_code, asked.headers["allow"], asked.content) == (httpx2.codes.NO_CONTENT, allowed, b"")


@pytest.mark.parametrize("path", ["/health/live", "/v1/jobs", "/nowhere", "/v1/jobs?limit=x"])
def test_every_response_has_a_request_id(client: httpx2.Client, path: str) -> None:
    """It is the client's own if it sends one, else a new one."""
    first, second = client.get(path), client.get(path)
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert client.get(path, headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"


def test_an_invalid_request_id_is_replaced(client: httpx2.Client) -> None:
    """Characters that could forge log lines never come back."""
    assert client.get("/health/live", headers={"x-request-id": "a b\tc"}).headers["x-request-id"] != "a b\tc"


def test_an_unexpected_error_is_a_problem(start_server: StartServer) -> None:
    """The 500 has a request id and no internal details; a damaged file has a code of its own."""
    server = start_server(trainer=False)
    with server.client() as client:
        uploaded = client.post("/v1/checkpoints", files={"weights": weights()}).json()
        (server.data_dir / "checkpoints" / f"{uploaded['id']}.safetensors").write_bytes(b"damaged")
        corrupt = client.get(f"/v1/checkpoints/{uploaded['id']}/weights")
        assert (corrupt.status_code, corrupt.json()["code"]) == (500, "corrupt_checkpoint")
        added = client.post("/v1/models/digits/versions", json={"checkpoint_id": uploaded["id"]})
        assert added.json()["code"] == "corrupt_checkpoint"
        versions = client.get("/v1/models/digits").json()["versions"]
        assert uploaded["id"] not in [version["checkpoint_id"] for version in versions]
        with closing(sqlite3.connect(server.data_dir / "naivenet.db")) as database:
            database.execute("UPDATE checkpoints SET network = '{}'")
            database.commit()
        unexpected = client.get(f"/v1/checkpoints/{uploaded['id']}", headers={"x-request-id": "odd"})
    assert (unexpected.status_code, unexpected.json()["code"]) == (500, "internal_error")
    assert unexpected.headers["x-request-id"] == "odd"
    assert "layers" not in unexpected.text


def test_a_service_without_its_storage_is_not_ready(start_server: StartServer) -> None:
    """The 503 names the part that fails; the liveness check still succeeds."""
    server = start_server(trainer=False)
    (server.data_dir / "checkpoints").rename(server.data_dir / "elsewhere")
    with server.client() as client:
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "not_ready", "ok")
        assert "checkpoints" in answer.json()["storage"]
        assert client.get("/health/live").json() == {"status": "live"}


def test_every_reference_resolves(document: Json) -> None:
    """Every ``$ref`` of the document points to a part of it."""
    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(document))):
        here: Any = document
        for part in reference.split("/"):
            here = here[part]


def test_no_parameter_can_be_null(document: Json) -> None:
    """A parameter can be left out, but ``?status=null`` is no status."""
    operations = [each for path in document["paths"].values() for each in path.values()]
    parameters = [parameter for each in operations for parameter in each.get("parameters", [])]
    assert len(parameters) > 50
    assert '"null"' not in json.dumps(parameters)


def test_every_body_has_an_example(document: Json) -> None:
    """Each media type of a request body has an example."""
    for path, operations in document["paths"].items():
        for method in BODIES:
            content = operations.get(method, {}).get("requestBody", {}).get("content", {})
            for media, described in content.items():
                assert described.keys() & {"example", "examples"}, (method, path, media)


def test_the_examples_of_jobs_are_valid(client: httpx2.Client, document: Json) -> None:
    """`validate_only` accepts each example of a job."""
    examples = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        answer = client.post("/v1/jobs?validate_only=true", json=example["value"])
        assert answer.status_code == httpx2.codes.OK, answer.text


def test_the_examples_of_predictions_run(client: httpx2.Client, trained: Json, document: Json) -> None:
    """Each example of a body gets a prediction."""
    content = document["paths"]["/v1/predict"]["post"]["requestBody"]["content"]
    for example in content["application/json"]["examples"].values():
        answer = client.post("/v1/predict", json=example["value"])
        assert answer.status_code == httpx2.codes.OK, answer.text


def test_the_example_of_an_upload_works(client: httpx2.Client, document: Json) -> None:
    """Its network fits the notebook's weights."""
    body = document["paths"]["/v1/checkpoints"]["post"]["requestBody"]["content"]["multipart/form-data"]
    answer = client.post("/v1/checkpoints", files={"weights": weights()}, data={"network": body["example"]["network"]})
    assert answer.status_code == httpx2.codes.CREATED, answer.text
    client.delete(answer.headers["location"])


def test_operations_have_summaries_and_names(document: Json) -> None:
    """Each operation has a summary, a description and a unique id."""
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert all(each.get("summary") and each.get("description") for each in operations)
    assert len({each["operationId"] for each in operations}) == len(operations)


def test_an_application_opens_nothing_before_it_starts(tmp_path: Path) -> None:
    """Creating one writes nothing to disk."""
    create_app(Settings(data_dir=tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_full_disk_is_a_degraded_service(start_server: StartServer) -> None:
    """With less free space than jobs need, a job waits; predictions are answered, and the health check says why."""
    server = start_server(min_free_bytes=10**18)
    with server.client() as client:
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (httpx2.codes.OK, "degraded")
        assert "jobs wait until there are" in ready.json()["disk"]
        assert ready.json()["disk_free_bytes"] > 0
        assert client.get("/v2/health/ready").status_code == httpx2.codes.OK
        job_id = start_job(client)
        until(lambda: "no job is claimed" in server.said(), what="the trainer to find the disk full")
        assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "queued"


def test_a_problem_leads_to_its_paragraph(client: httpx2.Client) -> None:
    """`type` is an address of the service, whose page has the code as an anchor, in the reader's language."""
    body = problem(client.get("/v1/jobs/job_none"), 404)
    path, _, anchor = body["type"].partition("#")
    for language, title in (("en", "Problems"), ("es", "Problemas")):
        page = client.get(path, headers={"Accept-Language": language})
        assert (page.headers["content-language"], page.headers["content-type"][:9]) == (language, "text/html")
        assert f'id="{anchor}"' in page.text
        assert f"<title>{title}</title>" in page.text


def test_a_spanish_reader_gets_spanish(client: httpx2.Client) -> None:
    """Titles, details and messages; a cache keeps both."""
    spanish = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
    missing = client.get("/v1/jobs/job_none", headers=spanish)
    assert (missing.headers["content-language"], missing.headers["vary"]) == ("es", "Accept-Language")
    assert problem(missing, 404)["detail"] == "No hay ningún trabajo 'job_none'."
    wrong = problem(client.post("/v1/jobs", json={"epochs": 0, "momentum": 1}, headers=spanish), 422, "/epochs")
    assert wrong["title"] == "La petición contiene un valor no válido."
    assert wrong["detail"] == "; ".join(f"{each['pointer']}: {each['message']}" for each in wrong["errors"])
    messages = {each["pointer"]: each["message"] for each in wrong["errors"]}
    assert messages == {"/epochs": "Debe ser 1 o más.", "/momentum": "Este campo no existe. Va dentro de /optimizer."}
    query = problem(client.get("/v1/jobs?limti=3", headers=spanish), 422, "query/limti")
    assert query["errors"][0]["message"] == "El parámetro «limti» no existe. ¿Querías decir limit?"
    dataset = problem(client.post("/v1/jobs", json={"dataset": "mnits"}), 422, "/dataset")
    assert dataset["detail"].endswith("Did you mean mnist?")
