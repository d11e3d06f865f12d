"""Invalid requests, but for predictions: a 4xx names the error and its place, and nothing has changed."""

import json
import socket
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.integration.api.refusals import png, problem
from tests.servers import Json, Server

pytestmark = pytest.mark.usefixtures("nothing_changes")

JSON = {"content-type": "application/json"}


def test_a_faulty_dataset_is_refused_at_the_post(session_server: Server, client: httpx2.Client) -> None:
    """The error names the array, the first wrong index and its value, and no path of the server."""
    path = session_server.data_dir / "datasets" / "letters.npz"
    images, labels = np.zeros((8, 28, 28), np.uint8), np.arange(8)
    labels[3] = 26
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=np.zeros(8, np.uint8))
    try:
        found = problem(client.post("/v1/jobs", json={"dataset": "letters"}), 422, "/dataset")
    finally:
        path.unlink()
    assert found["detail"] == "The dataset is faulty: letters: y_train[3] is 26; digits are 0 to 9."
    assert found["errors"][0]["code"] == "faulty_dataset"


JOBS: dict[str, tuple[bytes, str | None]] = {
    "a million epochs": (b'{"epochs": 1000000}', "/epochs"),
    "a negative seed": (b'{"seed": -1}', "/seed"),
    "a huge seed": (b'{"seed": 99999999999999999999999999}', "/seed"),
    "a number of 5000 digits": (b'{"seed": ' + b"9" * 5000 + b"}", None),
    "an infinite learning rate": (b'{"optimizer": {"learning_rate": 1e999}}', None),
    "NaN": (b'{"optimizer": {"learning_rate": NaN}}', None),
    "numbers as strings": (b'{"epochs": "3"}', "/epochs"),
    "a list": (b"[]", ""),
    "a null": (b"null", ""),
    "an empty body": (b"", None),
    "half an object": (b'{"epochs": 3', None),
    "invalid UTF-8": (b'{"name": "\xff"}', None),
    "a lone surrogate": (b'{"name": "\\ud800"}', None),
    "a NUL in the name": (b'{"name": "a\\u0000b"}', "/name"),
    "a NUL in the metadata": (b'{"metadata": {"a": "\\u0000"}}', "/metadata/a"),
    "too much metadata": (json.dumps({"metadata": {str(i): "" for i in range(17)}}).encode(), "/metadata"),
    "long metadata": (json.dumps({"metadata": {"a": "x" * 513}}).encode(), "/metadata/a"),
    "a list under a key that may not be": (b'{"metadata": {"\\u0001": []}}', "/metadata/\x01"),
    "an unknown field": (b'{"epoch": 3}', "/epoch"),
    "an unknown preset": (b'{"preset": "magic"}', "/preset"),
    "an unknown dataset": (b'{"dataset": "cifar"}', "/dataset"),
    "a path as dataset": (b'{"dataset": "../../etc/passwd"}', "/dataset"),
    "an unknown optimizer": (b'{"optimizer": {"name": "magic"}}', "/optimizer"),
    "an unknown checkpoint": (b'{"init_from": "ckpt_x"}', "/init_from"),
    "deep JSON": (b'{"metadata": ' + b'{"a": ' * 100_000 + b"1" + b"}" * 100_001, None),
    "JSON a little deep": (b'{"metadata": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}", None),
    "JSON a little deep in lists": (b'{"network": {"layers": ' + b"[" * 300 + b"]" * 300 + b"}}", None),
    "JSON a little deep in objects": (b'{"optimizer": ' + b'{"name": ' * 500 + b'"sgd"' + b"}" * 500 + b"}", None),
}


@pytest.mark.parametrize("what", JOBS)
def test_invalid_jobs_are_refused(client: httpx2.Client, what: str) -> None:
    """The error has a JSON pointer to the field, if a field is wrong."""
    body, pointer = JOBS[what]
    answer = client.post("/v1/jobs", content=body, headers=JSON)
    problem(answer, 400 if answer.status_code == 400 and pointer is None else 422, pointer)


@pytest.mark.parametrize("what", JOBS)
def test_invalid_jobs_are_refused_by_validation_too(client: httpx2.Client, what: str) -> None:
    """`validate_only` gives the same status and code as a real job."""
    body, _ = JOBS[what]
    queued, validated = (client.post(f"/v1/jobs?validate_only={only}", content=body, headers=JSON) for only in (0, 1))
    assert (queued.status_code, queued.json()["code"]) == (validated.status_code, validated.json()["code"])


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"{}"),
        ("multipart/form-data", b"{}"),
        (None, b"epochs=3"),
        ("application/x-www-form-urlencoded", b"epochs=3"),
        ("application/octet-stream", png()),
    ],
)
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/models/digits/versions"])
def test_what_is_not_json_is_refused(client: httpx2.Client, path: str, content_type: str | None, body: bytes) -> None:
    """A type that says nothing is read by its bytes, which must begin as JSON does; any other type is refused."""
    headers = {} if content_type is None else {"content-type": content_type}
    problem(client.post(path, content=body, headers=headers), 415)


@pytest.mark.parametrize(
    "path", ["/v1/jobs?validate_only=1", "/v1/predict", "/v1/models/digits:predict", "/v2/models/digits/infer"]
)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1,}', "not valid JSON"),
        ('{"epochs": 3}'.encode("utf-16"), "UTF-16"),
        ('{"a": 3}'.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_malformed_json_is_the_same_everywhere(
    client: httpx2.Client, trained: Json, path: str, body: bytes, reason: str
) -> None:
    """It is a 400 on every route, and an encoding that is not UTF-8 is named."""
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code == 400
    assert reason in answer.text


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/v1/jobs?limit=0", "query/limit"),
        ("/v1/jobs?limit=x", "query/limit"),
        ("/v1/jobs?status=busy", "query/status"),
        ("/v1/jobs?metadata[a%22b]=x", 'query/metadata[a"b]'),
        ("/v1/jobs?metadata[]=x", "query/metadata[]"),
        ("/v1/jobs?colour=red", "query/colour"),
        ("/v1/checkpoints?limit=101", "query/limit"),
        ("/v1/jobs/{job}/history?granularity=hour", "query/granularity"),
        ("/v1/jobs/{job}/history?after=-1", "query/after"),
        ("/v1/jobs/{job}/history?after=99999999999999999999", "query/after"),
        ("/v1/jobs/{job}/history?max_points=3", "query/max_points"),
        ("/v1/jobs/{job}/history?max_point=30", "query/max_point"),
        ("/v1/checkpoints/{checkpoint}/weights?format=pickle", "query/format"),
        ("/v1/models/%20", "path/name"),
    ],
)
def test_a_wrong_query_is_refused(client: httpx2.Client, trained: Json, path: str, pointer: str) -> None:
    """The error names the parameter."""
    ids = {"job": trained["id"], "checkpoint": trained["result"]["checkpoint_id"]}
    problem(client.get(path.format(**ids)), 422, pointer)


@pytest.mark.parametrize("name", ["job_x", "%00", "%FF", "a%2Fb", "'; DROP TABLE jobs; --", "x" * 3000, "%F0%9F%98%80"])
@pytest.mark.parametrize(
    "path", ["/v1/jobs/{}", "/v1/jobs/{}/history", "/v1/checkpoints/{}", "/v1/checkpoints/{}/weights"]
)
def test_unknown_ids_are_not_found(client: httpx2.Client, path: str, name: str) -> None:
    """The status is 404, however strange the id."""
    assert client.get(path.format(name)).status_code == httpx2.codes.NOT_FOUND
    assert client.get(path.format(name)).json()["code"] == "not_found"


def test_an_unknown_path_is_named(client: httpx2.Client) -> None:
    """A path without a route is a 404 that says so, also an id with a slash in it."""
    found = [client.get(path).json() for path in ("/v1/jobz", "/v1/jobs/..%2Fa")]
    assert [each["detail"] for each in found] == [
        "There is no route at '/v1/jobz'.",
        "There is no route at '/v1/jobs/../a'.",
    ]
    assert {each["code"] for each in found} == {"not_found"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/checkpoint_id"),
        ({"checkpoint_id": 1}, "/checkpoint_id"),
        ({"checkpoint_id": "ckpt_x"}, "/checkpoint_id"),
        ({"checkpoint_id": "ckpt_x", "colour": 1}, "/colour"),
    ],
)
def test_invalid_model_versions_are_refused(client: httpx2.Client, body: Json, pointer: str) -> None:
    """The error has a JSON pointer to the field."""
    problem(client.post("/v1/models/digits/versions", json=body), 422, pointer)


@pytest.mark.parametrize("version", [0, -1, "1", 1.5, 10**30, None, True])
def test_invalid_aliases_are_refused(client: httpx2.Client, version: object) -> None:
    """The version of an alias is a whole number from 1."""
    problem(client.put("/v1/models/digits/aliases/canary", json={"version": version}), 422, "/version")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/predict"])
def test_a_body_over_the_limit_is_refused(client: httpx2.Client, path: str, *, chunked: bool) -> None:
    """With or without a declared length, the error names the limit."""
    data = b" " * 17_000_000
    content: Any = iter([data[:10_000_000], data[10_000_000:]]) if chunked else data
    assert "16000000" in problem(client.post(path, content=content, headers=JSON), 413)["detail"]


def test_a_body_shorter_than_its_declared_length_changes_nothing(session_server: Server) -> None:
    """A client that disconnects in the middle of its body changes nothing."""
    with socket.create_connection(("127.0.0.1", session_server.port)) as connection:
        connection.sendall(
            b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )


@pytest.mark.parametrize("request_line", [b"GET /\xff\xfe HTTP/1.1", b"GET /v1/jobs HTTP/9.9", b"nonsense"])
def test_a_connection_without_http_is_refused(session_server: Server, request_line: bytes) -> None:
    """The response is a 4xx, or the connection is closed."""
    with socket.create_connection(("127.0.0.1", session_server.port), timeout=10) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = connection.recv(1000)
    assert not answer or answer.split()[1].startswith(b"4")


def test_an_invalid_host_header_is_refused(client: httpx2.Client) -> None:
    """The 421 is a problem document, although the URL does not parse."""
    problem(client.get("/nowhere", headers={"host": "["}), 421)
