"""Prometheus metrics: requests, predictions, streams, trainers, jobs, and the database's availability."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, text

from service.api.live.event_hub import EventHub
from service.api.live.metrics import Metrics
from service.api.siblings import Siblings
from service.composition import Services
from service.domain.cluster import ClusterSize
from service.storage.disks import Disks
from tests.conftest import StartServer
from tests.servers import Json, Server, start_job, until

FOLDERS = ("data", "database", "checkpoints")


def scraped(base_url: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample, by its name and its labels."""
    answer = httpx2.get(f"{base_url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def sample(base_url: str, name: str, **labels: str) -> float:
    """One sample; 0 if it does not exist yet."""
    return scraped(base_url).get((name, frozenset(labels.items())), 0.0)


def test_a_request_is_counted_by_its_route(client: httpx2.Client, session_server: Server, trained: Json) -> None:
    """The label is the route's template, not the path: the number of templates is limited."""
    labels = {"route": "/v1/jobs/{job_id}", "method": "GET", "status": "200"}
    before = sample(session_server.base_url, "naivenet_request_seconds_count", **labels)
    client.get(f"/v1/jobs/{trained['id']}")
    assert sample(session_server.base_url, "naivenet_request_seconds_count", **labels) == before + 1


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/no/such/route", {"route": "none", "method": "GET", "status": "404"}),
        ("PROPFIND", "/v1/predict", {"route": "/v1/predict", "method": "OTHER", "status": "405"}),
    ],
)
def test_no_client_can_create_a_series(session_server: Server, method: str, path: str, labels: dict[str, str]) -> None:
    """All unknown paths share one label, and so do all unknown methods."""
    before = sample(session_server.base_url, "naivenet_request_seconds_count", **labels)
    httpx2.request(method, session_server.base_url + path)
    assert sample(session_server.base_url, "naivenet_request_seconds_count", **labels) == before + 1


def test_predictions_are_counted_by_version(client: httpx2.Client, session_server: Server, trained: Json) -> None:
    """The counter counts images, not requests, of all three protocols."""
    row = [0.0] * 784
    version = client.post("/v1/predict", json={"pixels": row}).json()["version"]
    labels = {"model": "digits", "version": str(version)}
    before = sample(session_server.base_url, "naivenet_predictions_total", **labels)
    client.post("/v1/predict", params={"version": version}, json={"instances": [{"pixels": row}] * 3})
    client.post(f"/v1/models/digits/versions/{version}:predict", json={"instances": [row, row]})
    tensor = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": row}
    client.post(f"/v2/models/digits/versions/{version}/infer", json={"inputs": [tensor]})
    assert sample(session_server.base_url, "naivenet_predictions_total", **labels) == before + 6


def test_open_streams_are_counted(start_server: StartServer) -> None:
    """A stream is counted until it is closed."""
    server = start_server(trainer=False)
    with server.client() as client:
        job_id = start_job(client)
        with client.stream("GET", f"/v1/jobs/{job_id}/events", headers={"Accept": "text/event-stream"}) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry")
            until(lambda: sample(server.base_url, "naivenet_watchers") == 1, what="an open stream")
        until(lambda: sample(server.base_url, "naivenet_watchers") == 0, what="no open stream")


def test_every_api_process_reports_the_trainers(start_server: StartServer) -> None:
    """An API without a trainer of its own reports one that runs elsewhere, until it ends."""
    server = start_server(trainer=False)
    assert scraped(server.base_url)["naivenet_trainers", frozenset()] == 0
    command = [sys.executable, "-m", "service", "trainer"]
    with subprocess.Popen(command, env=server.environment) as trainer:
        until(lambda: sample(server.base_url, "naivenet_trainers") == 1, what="a trainer")
        trainer.terminate()
    until(lambda: sample(server.base_url, "naivenet_trainers") == 0, what="no trainer")


def test_a_job_that_ends_is_counted(start_server: StartServer) -> None:
    """Ended jobs are counted by status, from 0 on."""
    server = start_server(trainer=False)
    ended = "naivenet_jobs_ended_total", frozenset({("status", "cancelled")})
    assert scraped(server.base_url)[ended] == 0
    with server.client() as client:
        client.post(f"/v1/jobs/{start_job(client)}/cancel")
    until(lambda: scraped(server.base_url)[ended] == 1, what="the count")
    assert sample(server.base_url, "naivenet_jobs", status="cancelled") == 1


def test_the_free_space_of_each_folder_is_reported(session_server: Server) -> None:
    """All folders of this service are on one disk."""
    samples = scraped(session_server.base_url)
    free = [samples["naivenet_disk_free_bytes", frozenset({("folder", name)})] for name in FOLDERS]
    assert free == [free[0]] * 3
    assert free[0] > 0


def test_only_folders_of_this_machine_have_free_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database server and an object store have none; an old measurement, as of a disk that hangs, is left out."""
    disks = Disks(database=None, checkpoints=None, data=tmp_path, min_free_bytes=1)
    assert (disks.last_measured(), disks.free_bytes()) == ({}, None)
    disks.measure()
    assert disks.last_measured().keys() == {"data"}
    monkeypatch.setattr("service.storage.disks.FRESH_S", 0.0)
    assert disks.last_measured() == {}


def test_the_cluster_of_a_trainer_is_reported(services: Services) -> None:
    """The cluster's metrics are absent until a trainer uses one; all are 0 while it is away."""
    sizes = {
        "before": None,
        "there": ClusterSize(nodes=2, cpus=8.0, used_cpus=3.0, pending_jobs=1),
        "away": ClusterSize(),
    }
    found = {}
    for name, size in sizes.items():
        services.trainers.heartbeat("trainer", workers=0, cluster=size)
        metrics = Metrics(Siblings())
        metrics.add_service(services, EventHub(services.events))
        names = ("nodes", "cpus", "cpus_used", "pending_jobs")
        found[name] = [metrics.registry.get_sample_value(f"naivenet_cluster_{each}") for each in names]
    assert found == {"before": [None] * 4, "there": [2, 8, 3, 1], "away": [0] * 4}


def test_an_unavailable_database_is_reported(services: Services) -> None:
    """The scrape succeeds, without metrics of jobs, and counts the error."""
    metrics = Metrics(Siblings())
    metrics.add_service(services, EventHub(services.events))
    engine = create_engine(services.settings.resolved_database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE jobs RENAME TO gone"))
    engine.dispose()
    get = metrics.registry.get_sample_value
    assert get("naivenet_database_up") == 0
    metrics.publish()
    assert get("naivenet_database_errors_total") == 1
    assert get("naivenet_jobs", {"status": "queued"}) is None
