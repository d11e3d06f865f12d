"""An S3 server for tests: moto's, as a process on loopback that can be stopped and started."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import boto3
import httpx2

from tests.servers import PATIENCE_S, free_port, until

BUCKET = "checkpoints"

#: The server accepts any keys until it is locked.
KEYS = {"key": "any-key", "secret": "anything"}


class ObjectStore:
    """A server with one bucket."""

    def __init__(self) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.start()
        self.client("s3").create_bucket(Bucket=BUCKET)

    def start(self) -> Self:
        """Start the server, empty, and wait until it answers."""
        command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, what="the object store to answer")
        return self

    def stop(self) -> None:
        """Stop the server; its objects are lost."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def url(self, prefix: str, *, bucket: str = BUCKET) -> str:
        """Return the fsspec URL of a prefix."""
        return f"s3://{bucket}/{prefix}"

    def options(self, **keys: str) -> dict[str, Any]:
        """Return the options for fsspec."""
        return {**(keys or KEYS), "endpoint_url": self.endpoint}

    def settings(self, prefix: str) -> dict[str, str]:
        """Return the service's settings, as an operator would write them."""
        return {"storage_url": self.url(prefix), "storage_options": json.dumps(self.options())}

    def client(self, service: str) -> Any:
        """Return Amazon's own client, to check the bucket from outside."""
        keys = {"aws_access_key_id": "any-key", "aws_secret_access_key": "anything", "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.endpoint, **keys)

    def names(self, prefix: str) -> set[str]:
        """Return the names of the objects under *prefix*."""
        found = self.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
        return {entry["Key"].removeprefix(f"{prefix}/") for entry in found}

    def lock(self) -> None:
        """Require valid keys from now on; there are none."""
        httpx2.post(f"{self.endpoint}/moto-api/reset-auth", content=b"0").raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.endpoint}/moto-api/").status_code < httpx2.codes.INTERNAL_SERVER_ERROR
        except httpx2.TransportError:
            return False


class FaultyProxy(BaseHTTPRequestHandler):
    """A proxy for a store: it fails the first *failing* requests with the status *by*, and forwards the others.

    While *answers* is cleared it accepts requests and does not answer. *sent* counts the bytes of forwarded responses.
    """

    protocol_version = "HTTP/1.1"
    store: str
    failing: int
    by: int | None
    asked: int
    sent: int
    answers: threading.Event

    @classmethod
    @contextmanager
    def away(cls) -> Iterator[None]:
        """While inside, every request fails."""
        cls.failing = 10**9
        yield
        cls.failing = 0

    @classmethod
    @contextmanager
    def hanging(cls) -> Iterator[None]:
        """While inside, no request is answered; the requests that came in are forwarded afterwards."""
        cls.answers.clear()
        yield
        cls.answers.set()

    def handle_one_request(self) -> None:
        """Fail or forward one request, of any method."""
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = type(self)
        kind.asked += 1
        kind.answers.wait(PATIENCE_S)
        if kind.asked > kind.failing:
            self._pass(body)
        elif kind.by is None:
            self.close_connection = True
        else:
            self.send_response(kind.by)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _pass(self, body: bytes) -> None:
        url, headers = self.store + self.path, dict(self.headers)
        answer = httpx2.request(self.command, url, content=body, headers=headers, verify=False)  # it has no certificate
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "content-encoding", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        type(self).sent += len(answer.content)  # before the client can read it and compare
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def faulty_proxy(store: ObjectStore) -> Iterator[tuple[str, type[FaultyProxy]]]:
    """Start a proxy in front of *store*; yield its address and its class, whose attributes control it."""
    proxy = type("Proxy", (FaultyProxy,), {"store": store.endpoint, "failing": 0, "by": None, "asked": 0, "sent": 0})
    proxy.answers = threading.Event()
    proxy.answers.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", proxy
    server.shutdown()
    server.server_close()
