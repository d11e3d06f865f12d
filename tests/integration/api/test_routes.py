"""Plain routes: matched ahead of FastAPI's routing, with the same behaviour as other routes."""

import socket
from collections.abc import Iterator

import httpx2
import pytest

from tests.integration.api.test_metrics import sample
from tests.servers import Json, Server, until

BODY = b'{"pixels": [' + b"0," * 783 + b"0]}"
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"


@pytest.fixture
def connection(session_server: Server, trained: Json) -> Iterator[socket.socket]:
    """A TCP connection to a service that has a model."""
    with socket.create_connection(("127.0.0.1", session_server.port), timeout=30) as connection:
        yield connection


def received(connection: socket.socket) -> bytes:
    """All bytes until the service closes the connection."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def chunk(part: bytes) -> bytes:
    """A chunk of a body without a declared length."""
    return b"%x\r\n%b\r\n" % (len(part), part)


def test_a_body_in_several_messages_is_joined(connection: socket.socket) -> None:
    """A chunked body is read whole."""
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(BODY[:5]))
    for start in range(5, len(BODY), 500):
        connection.sendall(chunk(BODY[start : start + 500]))
    connection.sendall(chunk(b""))
    assert received(connection).startswith(b"HTTP/1.1 200")


def test_a_client_that_disconnects_in_the_middle_of_its_body_does_no_harm(
    connection: socket.socket, session_server: Server, client: httpx2.Client
) -> None:
    """Its request is counted as 499, no error is logged, and the next request is answered."""
    labels = {"route": "/v1/predict", "method": "POST", "status": "499"}
    before = sample(session_server.base_url, "naivenet_request_seconds_count", **labels)
    logged = len(session_server.said())
    connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY[:100])
    connection.close()
    assert client.post("/v1/predict", content=BODY, headers={"content-type": "application/json"}).is_success
    until(
        lambda: sample(session_server.base_url, "naivenet_request_seconds_count", **labels) == before + 1,
        what="the count of disconnected clients",
    )
    assert "Traceback" not in session_server.said()[logged:]


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/v1/predict", "/v1/predict", httpx2.codes.UNSUPPORTED_MEDIA_TYPE),
        ("/v1/models/digits:predict", "/v1/models/{name}:predict", httpx2.codes.BAD_REQUEST),
        ("/v2/models/digits/infer", "/v2/models/{name}/infer", httpx2.codes.BAD_REQUEST),
    ],
)
def test_metrics_name_a_plain_route_by_its_template(
    client: httpx2.Client, session_server: Server, path: str, route: str, status: httpx2.codes
) -> None:
    """A request on the fast path is counted by its route's template."""
    labels = {"route": route, "method": "POST", "status": str(status.value)}
    before = sample(session_server.base_url, "naivenet_request_seconds_count", **labels)
    assert client.post(path, content=b"hello", headers={"content-type": "text/plain"}).status_code == status
    assert sample(session_server.base_url, "naivenet_request_seconds_count", **labels) == before + 1


@pytest.mark.parametrize(
    "path",
    [
        "/v1/predict",
        "/v1/models/digits:predict",
        "/v1/models/digits/versions/1:predict",
        "/v1/models/digits/labels/live:predict",
    ],
)
def test_another_method_is_a_405(client: httpx2.Client, path: str) -> None:
    """A GET of a POST route is a problem document with the header `Allow`."""
    answer = client.get(path)
    assert answer.status_code == httpx2.codes.METHOD_NOT_ALLOWED
    assert (answer.headers["allow"], answer.headers["content-type"]) == ("OPTIONS, POST", "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/openapi.json", "/health/ready", "/v1/jobs", "/v1/jobs/{job}/curve.svg"]
)
def test_head_has_the_headers_of_get(client: httpx2.Client, trained: Json, path: str) -> None:
    """Monitors and download programs ask for the head alone; it has the length of the body that a GET would have."""
    head, whole = (client.request(method, path.format(job=trained["id"])) for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (whole.status_code, b"")
    differ = {"date", "x-request-id", "ratelimit"}
    assert {k: v for k, v in head.headers.items() if k not in differ} == {
        k: v for k, v in whole.headers.items() if k not in differ
    }


def test_head_of_a_download_has_its_size(client: httpx2.Client, trained: Json) -> None:
    """A download program learns the size, the ETag and whether ranges work."""
    path = f"/v1/checkpoints/{trained['result']['checkpoint_id']}/weights"
    head = client.head(path)
    assert int(head.headers["content-length"]) == len(client.get(path).content)
    assert (head.headers["accept-ranges"], head.headers["etag"][0]) == ("bytes", '"')
    assert client.head("/v1/predict").status_code == httpx2.codes.METHOD_NOT_ALLOWED
    assert client.head("/v1/jobs/job_none").status_code == httpx2.codes.NOT_FOUND


def test_head_of_a_stream_ends(client: httpx2.Client, session_server: Server) -> None:
    """It is a head, also while the job goes on; its connection is free for the next request, and metrics name it."""
    job_id = client.post("/v1/jobs", json={"dataset": "tiny", "epochs": 1000}).json()["id"]
    labels = {"route": "/v1/jobs/{job_id}/events", "method": "HEAD", "status": "200"}
    for _ in range(2):
        head = client.head(f"/v1/jobs/{job_id}/events", headers={"accept": "text/event-stream"})
        assert (head.headers["content-type"].partition(";")[0], head.content) == ("text/event-stream", b"")
    assert sample(session_server.base_url, "naivenet_request_seconds_count", **labels) == 2
    client.post(f"/v1/jobs/{job_id}/cancel")


@pytest.mark.parametrize(
    ("path", "kinds"),
    [("history", ["application/json", "text/csv"]), ("events", ["application/json"]), ("curve", ["image/svg+xml"])],
)
def test_caches_learn_that_accept_decides(client: httpx2.Client, trained: Json, path: str, kinds: list[str]) -> None:
    """Without `Vary` a cache would give CSV to a client that wants JSON."""
    for kind in kinds:
        headers = client.get(f"/v1/jobs/{trained['id']}/{path}", headers={"accept": kind}).headers
        assert "Accept" in headers["vary"].split(", ")
