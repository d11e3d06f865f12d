"""A small HTTP server that plays a service with faults: a script says how it answers each request."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How the server answers one request; *breaks* closes the connection before the promised end of the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False


@dataclass
class Scripted:
    """A server that gives these answers in order, and the last one from then on.

    Attributes:
        url: Its address.
        answers: What it answers.
        requests: The requests that came: method, path and headers.
    """

    url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def next(self) -> Answer:
        """Return the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Scripted

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.script.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = self.script.next()
        self.send_response(answer.status)
        promised = len(answer.body) + (1 if answer.breaks else 0)
        for name, value in {"Content-Length": str(promised), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        self.close_connection = answer.breaks

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # http.server finds them by these names

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A server of the test's own."""

    class Handler(_Handler):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Handler.script = Scripted(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Handler.script
        server.shutdown()
        thread.join()
