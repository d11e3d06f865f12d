"""A checkpoint store that accepts requests and never answers holds up nothing but what needs it."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest

from service.composition import compose
from service.domain.key import Scope
from service.settings import Settings
from tests.conftest import StartServer
from tests.object_store import FaultyProxy, ObjectStore, faulty_proxy
from tests.servers import Server, finished, start_job, until
from tests.versions import add_version

#: More requests than the API has threads for other routes.
WAITING = 60


@pytest.fixture
def proxied(object_store: ObjectStore) -> Iterator[tuple[dict[str, str], type[FaultyProxy]]]:
    """The settings of a store behind a proxy, and the proxy."""
    with faulty_proxy(object_store) as (endpoint, proxy):
        options = {**object_store.options(), "endpoint_url": endpoint}
        yield {"storage_url": object_store.url("hanging"), "storage_options": json.dumps(options)}, proxy
        proxy.answers.set()


def test_a_hanging_store_holds_up_nothing_else(
    start_server: StartServer, proxied: tuple[dict[str, str], type[FaultyProxy]]
) -> None:
    """Health checks answer within 2 s and name the store; jobs are listed and digits recognised as before."""
    settings, proxy = proxied
    server = start_server(trainer=False, **settings)
    with server.client() as client:
        add_version(client, 3)
        checkpoint = client.get("/v1/checkpoints").json()["data"][0]["id"]
        client.post("/v1/predict", json={"pixels": [0] * 784}).raise_for_status()
        before = proxy.asked
        proxy.answers.clear()
        for _ in range(WAITING):
            threading.Thread(target=download, args=(server, checkpoint), daemon=True).start()
        until(lambda: proxy.asked > before, what="the first downloads to reach the store")
        began = time.monotonic()
        ready = client.get("/health/ready")
        assert time.monotonic() - began < 2
        assert (ready.status_code, ready.json()["database"]) == (503, "ok")
        assert "no answer" in ready.json()["storage"]
        assert client.get("/v2/health/ready").status_code == 400
        assert client.get("/v1/jobs").status_code == 200
        assert client.post("/v1/predict", json={"pixels": [0] * 784}).status_code == 200
        proxy.answers.set()
        until(lambda: client.get("/health/ready").is_success, what="the service to be ready again")


def test_a_hanging_store_holds_up_no_chart_of_losses(
    start_server: StartServer, proxied: tuple[dict[str, str], type[FaultyProxy]]
) -> None:
    """Charts of the weights wait for the store; the loss curve and the history as CSV, which share a thread, do not."""
    settings, proxy = proxied
    server = start_server(**settings)
    with server.client() as client:
        job_id = start_job(client, epochs=1)
        finished(client, job_id)
        before = proxy.asked
        proxy.answers.clear()
        threading.Thread(target=get, args=(server, f"/v1/jobs/{job_id}/histograms.json"), daemon=True).start()
        until(lambda: proxy.asked > before, what="the chart to reach the store")
        assert client.get(f"/v1/jobs/{job_id}/curve.json").is_success
        assert client.get(f"/v1/jobs/{job_id}/history.csv").is_success
        proxy.answers.set()


def download(server: Server, checkpoint: str) -> None:
    """Request weights; the response does not matter."""
    get(server, f"/v1/checkpoints/{checkpoint}/weights")


def get(server: Server, path: str) -> None:
    """Request this path; the response does not matter."""
    with contextlib.suppress(httpx2.TransportError), server.client() as client:
        client.get(path)


def test_paths_are_for_callers_with_a_key(start_server: StartServer) -> None:
    """What is wrong in detail is in the log, and in the answer to an API key, where keys are required."""
    server = start_server(trainer=False, auth="on")
    with contextlib.closing(compose(Settings(data_dir=server.data_dir))) as services:
        _, key = services.keys.create("ada", [Scope.READ])
    (server.data_dir / "checkpoints").rename(server.data_dir / "elsewhere")
    with server.client() as client:
        client.get("/v1/jobs", headers={"X-API-Key": key}).raise_for_status()  # by now the API knows the key
        public, private = client.get("/health/ready"), client.get("/health/ready", headers={"X-API-Key": key})
    assert (public.status_code, private.status_code) == (503, 503)
    assert public.json()["storage"].startswith("unavailable;")
    assert str(server.data_dir) in private.json()["storage"]
