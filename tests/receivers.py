"""A receiver of webhooks for tests: a process that records each request in a file; the path decides its response.

`/ok` answers 200, `/fails` 500, `/fails-once` 500 to the first request only; `/moved` redirects to `/ok`; `/hangs`
never answers, `/slow-once` does not answer the first request only.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

Received = dict[str, Any]


class Receiver:
    """A context manager in which a receiver runs.

    Args:
        log: The file in which it records requests.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        log.touch()

    def __enter__(self) -> Self:
        """Start the process."""
        command = [sys.executable, "-m", "tests.receivers", str(self._log)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        assert self._process.stdout
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def received(self, path: str) -> list[Received]:
        """Return the requests to a path, in order, each with its ``headers`` and its ``body`` as text."""
        lines = self._log.read_text().split("\n")[:-1]
        return [each for line in lines if (each := json.loads(line))["path"] == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counts: ClassVar[Counter[str]] = Counter()
    lock = threading.Lock()
    log: Path

    def do_POST(self) -> None:
        """Record the request and answer it."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers: Mapping[str, str] = {name.lower(): value for name, value in self.headers.items()}
        with self.lock, self.log.open("a") as file:
            file.write(json.dumps({"path": self.path, "headers": headers, "body": body}) + "\n")
            self.counts[self.path] += 1
            first = self.counts[self.path] == 1
        if self.path == "/hangs" or (self.path == "/slow-once" and first):
            threading.Event().wait()
        failing = self.path == "/fails" or (self.path == "/fails-once" and first)
        self.send_response(500 if failing else 307 if self.path == "/moved" else 200)
        self.send_header("location", "/ok")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main() -> None:
    """Receive requests until the process is killed."""
    _Handler.log = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)  # noqa: T201  # the test reads the port
    server.serve_forever()


if __name__ == "__main__":
    main()
