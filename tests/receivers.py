"""A receiver of webhooks: a process of its own that notes what it is told, and answers as its path says.

`/ok` answers 200; `/fails-once` 500 to the first; `/fails` 500; `/moved` sends on to `/ok`; `/hangs` never answers;
`/slow-once` answers all but the first, which hangs.
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

Told = dict[str, Any]


class Receiver:
    """A running receiver; a context.

    Args:
        notes: The file that it writes into.
    """

    def __init__(self, notes: Path) -> None:
        self._notes = notes
        notes.touch()

    def __enter__(self) -> Self:
        """Start it."""
        command = [sys.executable, "-m", "tests.receivers", str(self._notes)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End it."""
        assert self._process.stdout
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def told(self, path: str) -> list[Told]:
        """What came to that path, in order: its ``headers`` and its ``body`` as text."""
        lines = self._notes.read_text().split("\n")[:-1]
        return [each for line in lines if (each := json.loads(line))["path"] == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counts: ClassVar[Counter[str]] = Counter()
    lock = threading.Lock()
    notes: Path

    def do_POST(self) -> None:
        """Note it, and answer."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers: Mapping[str, str] = {name.lower(): value for name, value in self.headers.items()}
        with self.lock, self.notes.open("a") as file:
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
        """Say nothing."""


def main() -> None:
    """Receive until killed."""
    _Handler.notes = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)  # noqa: T201  # how the test hears of it
    server.serve_forever()


if __name__ == "__main__":
    main()
