"""An S3 server of the tests' own: moto's, as a process on loopback that can be stopped and started again."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import boto3
import httpx

from tests.servers import PATIENCE_S, free_port, until

BUCKET = "checkpoints"

#: Keys that its first users have, while it asks nobody who they are.
ANYBODY = {"key": "anybody", "secret": "anything"}


class ObjectStore:
    """A server with one bucket."""

    def __init__(self) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.start()
        self.client("s3").create_bucket(Bucket=BUCKET)

    def start(self) -> Self:
        """Start it, empty, and wait until it answers."""
        command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, what="the object store to answer")
        return self

    def stop(self) -> None:
        """End it; what it had is gone."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def url(self, prefix: str, *, bucket: str = BUCKET) -> str:
        """Where checkpoints may lie."""
        return f"s3://{bucket}/{prefix}"

    def options(self, **keys: str) -> dict[str, Any]:
        """What fsspec is told of it."""
        return {**(keys or ANYBODY), "endpoint_url": self.endpoint}

    def settings(self, prefix: str) -> dict[str, str]:
        """The service's settings, as an operator would write them."""
        return {"storage_url": self.url(prefix), "storage_options": json.dumps(self.options())}

    def client(self, service: str) -> Any:
        """Amazon's own client, for a look from outside."""
        keys = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anything", "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.endpoint, **keys)

    def names(self, prefix: str) -> set[str]:
        """What lies under *prefix*."""
        found = self.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
        return {entry["Key"].removeprefix(f"{prefix}/") for entry in found}

    def lock(self) -> None:
        """Ask everybody for their keys from now on, of which there are none."""
        httpx.post(f"{self.endpoint}/moto-api/reset-auth", content=b"0").raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/moto-api/").status_code < httpx.codes.INTERNAL_SERVER_ERROR
        except httpx.TransportError:
            return False


class Trouble(BaseHTTPRequestHandler):
    """Stands before a store: fails at as many requests as it is told, in the way it is told, and passes the others."""

    protocol_version = "HTTP/1.1"
    store: str
    failing: int
    by: int | None
    asked: int

    def handle_one_request(self) -> None:
        """One request, whatever its method."""
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = type(self)
        kind.asked += 1
        if kind.asked > kind.failing:
            self._pass(body)
        elif kind.by is None:
            self.close_connection = True
        else:
            self.send_response(kind.by)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _pass(self, body: bytes) -> None:
        answer = httpx.request(self.command, self.store + self.path, content=body, headers=dict(self.headers))
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "content-encoding", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def trouble(store: ObjectStore) -> Iterator[tuple[str, type[Trouble]]]:
    """An address before *store* at which trouble can be made, and what makes it."""
    maker = type("Maker", (Trouble,), {"store": store.endpoint, "failing": 0, "by": None, "asked": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), maker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", maker
    server.shutdown()
    server.server_close()
