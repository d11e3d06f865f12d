"""Limits on connections, by both of uvicorn's parsers: heads, unread responses, and the number of connections."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from service.api.connections import ConnectionLimits, connection_protocol
from service.api.connections.limits import MAX_HEAD_BYTES, MAX_HEAD_LINES
from service.api.siblings import Siblings
from tests.servers import PATIENCE_S, until

START = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
#: The bytes of a response that is too large for the buffers on its way.
LARGE = 40_000_000

CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

#: Parts of requests that never end, and that are repeated until the server refuses them.
ENDLESS = {
    "a path": (b"GET /", b"a" * 1_000),
    "a header's name": (START, b"a" * 1_000),
    "a header's value": (START + b"X: ", b"a" * 1_000),
    "header lines": (START, b"X: y\r\n" * 100),
    "a trailer's value": (CHUNKED + b"0\r\nX: ", b"a" * 1_000),
    "trailer lines": (CHUNKED + b"0\r\n", b"X: y\r\n" * 100),
    "a chunk's extension": (CHUNKED + b"1;", b"a" * 1_000),
}


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers with the number of bytes of the body, ``/early`` before it, ``/large`` with 40 MB."""
    if scope["type"] != "http":
        return
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/large":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(LARGE // 100_000):
            await send({"type": "http.response.body", "body": bytes(100_000), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    body = str(size).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def served(parser: str, **limits: Any) -> Iterator[int]:
    """Serve `echo` by *parser* in a thread; yield the port."""
    defaults = {"head_timeout_s": PATIENCE_S, "write_timeout_s": PATIENCE_S, "max_of_one_address": 0}
    siblings = Siblings()
    chosen = ConnectionLimits(**{**defaults, **limits}, siblings=siblings)
    protocol: Any = connection_protocol(chosen, parser=parser)
    config = uvicorn.Config(echo, port=0, http=protocol, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    until(lambda: server.started, what="the server to start")
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()
    assert not siblings.connections("127.0.0.1")


@pytest.fixture(scope="module", params=["httptools", "h11"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server with one of the two parsers."""
    with served(request.param) as number:
        yield number


def answer(port: int, *parts: bytes) -> tuple[int, str]:
    """Send *parts*, until the server closes the connection; return the status and the body of its last response."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for part in parts:
                connection.sendall(part)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = received.rpartition(b"HTTP/1.1 ")[2].partition(b"\r\n\r\n")
    return int(head[:3]), body.decode()


@pytest.mark.parametrize("what", ENDLESS)
def test_an_endless_head_is_refused(port: int, what: str) -> None:
    """The answer is a 431 with a problem document, soon after the limit, and the connection is closed."""
    start, piece = ENDLESS[what]
    status, body = answer(port, start, *[piece] * (20 * MAX_HEAD_BYTES // len(piece)))
    assert (status, json.loads(body)["code"]) == (431, "head_too_large")


@pytest.mark.parametrize(
    "head",
    [START + b"X: " + b"a" * MAX_HEAD_BYTES, START + b"X: y\r\n" * MAX_HEAD_LINES, b"GET /" + b"a" * MAX_HEAD_BYTES],
)
def test_a_complete_head_over_the_limit_is_refused(port: int, head: bytes) -> None:
    """A head that arrives as a whole has the same limits in bytes and lines."""
    end = b"\r\n\r\n" if head.startswith(START) else b" HTTP/1.1\r\nHost: a\r\n\r\n"
    assert answer(port, head + end)[0] == 431


def test_a_head_within_the_limits_is_accepted(port: int) -> None:
    """Nearly 100 lines and nearly 32 kB pass, in pieces and in one, also behind a large body on the same connection."""
    lines = b"X: y\r\n" * (MAX_HEAD_LINES - 3) + b"Y: " + b"a" * (MAX_HEAD_BYTES - 2_000) + b"\r\n"
    large = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100_000
    last = START + b"Connection: close\r\n" + lines + b"\r\n"
    assert answer(port, large, last[:20_000], last[20_000:]) == (200, "0")
    assert answer(port, large + last) == (200, "0")


def test_many_small_chunks_are_accepted(port: int) -> None:
    """The framing of a chunked body does not count as its head, however small the chunks."""
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert answer(port, head, *[b"1\r\na\r\n" * 2_000] * 10, b"0\r\n\r\n") == (200, "20000")


def test_two_hosts_are_refused(port: int) -> None:
    """The response to a request with two ``Host`` headers is a 400: a proxy could understand it differently."""
    assert answer(port, START + b"Host: example.org\r\n\r\n")[0] == 400


def test_a_response_before_the_end_of_the_body_can_be_read(port: int) -> None:
    """A client that sends its whole body before it reads, as Python's urllib does, sees an early response."""
    head = b"POST /early HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 20000000\r\n\r\n"
    assert answer(port, head, *[bytes(100_000)] * 200) == (200, "0")


def test_a_connection_goes_on_after_an_early_response(port: int) -> None:
    """The rest of the first body does not count as a part of the next request."""
    early = b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 70000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.sendall(early + bytes(50_000))
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        connection.sendall(bytes(50_000))
        time.sleep(0.1)  # so that the next request arrives in a piece of its own
        connection.sendall(head + bytes(45_000))
        time.sleep(0.1)
        connection.sendall(bytes(25_000))
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert received.endswith(b"\r\n\r\n70000")


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_an_address_has_only_so_many_connections(parser: str) -> None:
    """One more gets a 429 with ``Retry-After``; after another has closed, it is accepted."""
    request = START + b"Connection: close\r\n\r\n"
    with served(parser, max_of_one_address=1) as port:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S):
            status, body = answer(port, request)
            assert (status, json.loads(body)["code"]) == (429, "too_many_requests")
        until(lambda: answer(port, request)[0] == 200, what="the first connection to be counted as closed")


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_client_that_does_not_read_is_disconnected(parser: str) -> None:
    """The connection breaks off after the timeout."""
    with served(parser, write_timeout_s=0.3) as port:
        assert len(read_large(port, pauses_s=[1.5])) < LARGE


def test_a_client_that_reads_slowly_gets_everything() -> None:
    """The whole response may take longer than the timeout."""
    with served("httptools", write_timeout_s=3) as port:
        assert len(read_large(port, pauses_s=[0.5] * 8)) > LARGE


def read_large(port: int, *, pauses_s: list[float]) -> bytes:
    """Return the large response as far as it came, read with a pause before each of the first megabytes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            for pause_s in pauses_s:
                time.sleep(pause_s)
                received += connection.recv(4_000_000, socket.MSG_WAITALL)
            received += b"".join(iter(lambda: connection.recv(1_000_000), b""))
    return received
