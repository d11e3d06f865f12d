"""A response that gets lost on its way is no harm: the client repeats its request, and nothing is created twice."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from naivenet import to_safetensors
from naivenet_client import Client, Job
from tests.servers import Server
from tests.stored import notebook_weights


@pytest.fixture
def lossy(session_server: Server) -> Iterator[Client]:
    """A client of the shared service behind a proxy that loses the first response to each POST."""
    lost: set[str] = set()

    class Proxy(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            url, headers = session_server.base_url + self.path, dict(self.headers)
            response = httpx2.request(self.command, url, content=body, headers=headers, timeout=60)
            key = self.headers.get("idempotency-key")
            if key is not None and key not in lost:
                lost.add(key)
                return  # the connection closes without a response
            self.send_response(response.status_code)
            self.send_header("Content-Length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

        do_GET = do_POST = do_DELETE = _pass_on  # noqa: N815  # http.server finds them by these names

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        with Client(f"http://127.0.0.1:{server.server_port}") as client:
            yield client
        server.shutdown()
        thread.join()


def count(client: Client) -> tuple[int, ...]:
    """How many jobs of a group, versions of a model, webhooks and uploaded checkpoints there are."""
    models = {model.name: len(model.versions) for model in client.models.list()}
    jobs = len(client.jobs.list(group="lost").all())
    uploaded = sum(each.job_id is None for each in client.checkpoints.list())
    return jobs, models.get("lost", 0), len(client.webhooks.list()), uploaded


CALLS: dict[str, Callable[[Client, Job], object]] = {
    "create": lambda client, job: client.jobs.create(dataset="tiny", epochs=1, group="lost").cancel(),
    "fork": lambda client, job: client.jobs.ref(job.id).fork(epochs=1, group="lost").cancel(),
    "version": lambda client, job: client.models.add_version("lost", job.result.checkpoint_id),  # type: ignore[union-attr]  # it succeeded
    "webhook": lambda client, job: client.webhooks.create("https://example.com"),
    "upload": lambda client, job: client.checkpoints.upload(to_safetensors(notebook_weights())),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_lost_response_creates_nothing_twice(lossy: Client, naive: Client, job: Job, name: str) -> None:
    """After a call whose first response was lost, the service has one thing more."""
    before = count(naive)
    CALLS[name](lossy, job)
    grown = [now - then for now, then in zip(count(naive), before, strict=True)]
    assert sorted(grown) == [0, 0, 0, 1]
    for webhook in naive.webhooks.list():
        webhook.delete()
