"""Limits on what one client keeps open: streams, and connections without a request."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import StartServer
from tests.servers import PATIENCE_S, Json, Server, start_job, until


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service with a very short timeout for the head of a request, and a short one for an idle connection."""
    server = Server(
        tmp_path_factory.mktemp("hasty"), tiny=tiny, trainer=False, head_timeout_s=0.2, keep_alive_s=1
    ).start()
    yield server
    server.stop()


def test_one_caller_has_only_so_many_streams_open(start_server: StartServer) -> None:
    """One more stream or long poll is a 429; a page is answered, and so is a stream after another has ended."""
    server = start_server(trainer=False, max_streams_per_key=2)
    with server.client() as client:
        events = f"/v1/jobs/{start_job(client)}/events"
        stream = {"headers": {"Accept": "text/event-stream"}}
        with client.stream("GET", events, **stream) as first, client.stream("GET", events, **stream) as second:
            lines = [each.iter_lines() for each in (first, second)]  # kept: collected, they would close
            assert [next(each) for each in lines] == ["retry: 1000"] * 2
            for refused in (client.get(events, **stream), client.get(f"{events}?wait=1&after=1")):
                assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
                assert int(refused.headers["Retry-After"]) > 0
            assert client.get(events).status_code == httpx2.codes.OK
        until(lambda: client.get(f"{events}?wait=0.1&after=1").is_success, what="the end of the streams to be counted")


@pytest.mark.parametrize(
    "begun", [b"", b"GET /health/live HT", b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n"]
)
def test_a_connection_without_a_request_is_closed(hasty: Server, begun: bytes) -> None:
    """The server closes a connection that sends no request, no second one, or only a part of its first or second."""
    whole = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for before in (b"", whole):
        with socket.create_connection(("127.0.0.1", hasty.port), PATIENCE_S) as connection:
            connection.sendall(before + begun)
            assert _received(connection).count(b"HTTP/1.1 200") == (1 if before else 0)


def test_a_complete_request_may_wait(hasty: Server) -> None:
    """A long poll lasts several times longer than the timeout for the head."""
    with hasty.client() as client:
        path = f"/v1/jobs/{start_job(client)}/events?wait=1&after=1"
        assert client.get(path).status_code == httpx2.codes.OK


def test_an_http_1_0_client_gets_no_chunks(session_server: Server, trained: Json) -> None:
    """A response without a length ends with the connection, for old proxies and `curl --http1.0`; others have one."""
    events = _asked(session_server, f"GET /v1/jobs/{trained['id']}/events HTTP/1.0", "Accept: text/event-stream")
    head, _, body = events.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"connection: close" in head.lower()
    assert body.startswith(b"retry: 1000\nid: 1\n")
    assert body.endswith(b"}\n\n")
    live = _asked(session_server, "GET /health/live HTTP/1.0")
    assert live.endswith(b'\r\n\r\n{"status":"live"}')
    assert b"content-length: 17" in live


def test_an_upload_is_refused_when_the_service_stops(start_server: StartServer) -> None:
    """An upload that is not complete at SIGTERM gets a 503 with ``Retry-After``, and the service ends."""
    server = start_server(trainer=False)
    head = b"POST /v1/checkpoints HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
    head += b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    form = b'--x\r\nContent-Disposition: form-data; name="weights"; filename="w"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as connection:
        connection.sendall(head + form + bytes(2_000_000))
        with server.client() as client:
            assert client.get("/v1/jobs").is_success  # by now the upload has begun
        server.process.terminate()
        response = _received(connection)
    assert response.startswith(b"HTTP/1.1 503")
    assert b"\r\nretry-after: " in response.lower()
    server.process.wait(PATIENCE_S)


def _asked(server: Server, *lines: str) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as connection:
        connection.sendall("\r\n".join([*lines, "Host: localhost", "", ""]).encode())
        return _received(connection)


def _received(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))
