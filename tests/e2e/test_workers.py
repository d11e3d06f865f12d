"""Several API processes on one port: they share metrics, limits, aliases and the trainer, and replace each other."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.api.listening import ACCEPTED_AT_ONCE
from tests.servers import Server, finished, losses, start_job, until

#: So many connections that each process gets some of them.
MANY = 16


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service of two API processes, in which a caller may have three streams."""
    started = Server(tmp_path_factory.mktemp("workers"), tiny=tiny, workers=2, max_streams_per_key=3).start()
    until(lambda: len(api_processes(started)) == 2, what="both processes")
    yield started
    assert started.stop() == 0


def api_processes(server: Server) -> list[int]:
    """The ids of the living API processes of the service."""
    listed = subprocess.run(
        ["pgrep", "-P", str(server.process.pid), "-f", "service.api"], capture_output=True, check=False
    )
    return list(map(int, listed.stdout.split()))


def sample(server: Server, name: str, **labels: str) -> float:
    """One sample of the metrics, whichever process answers."""
    text = httpx2.get(f"{server.base_url}/metrics").text
    samples = (each for family in text_string_to_metric_families(text) for each in family.samples)
    return next((each.value for each in samples if (each.name, each.labels) == (name, labels)), 0.0)


def live_requests(server: Server) -> float:
    """How many health checks all processes have counted."""
    return sample(server, "naivenet_request_seconds_count", method="GET", route="/health/live", status="200")


def call_live(server: Server) -> None:
    """Call a health check on many connections of their own."""
    for _ in range(MANY):
        assert httpx2.get(f"{server.base_url}/health/live").status_code == httpx2.codes.OK


def sockets_of(process: int) -> int:
    """How many sockets a process has open."""
    found = 0
    for each in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found += str(each.readlink()).startswith("socket:")
    return found


def test_metrics_are_those_of_all_processes(server: Server) -> None:
    """A scrape of any process has the requests of all; the memory is that of both."""
    before = live_requests(server)
    call_live(server)
    assert live_requests(server) == before + MANY
    resident = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in api_processes(server))
    assert sample(server, "process_resident_memory_bytes") == pytest.approx(
        resident * os.sysconf("SC_PAGESIZE"), rel=0.2
    )


def test_each_process_has_the_job_and_its_stream(server: Server) -> None:
    """A job that one process queued is followed to its end on many connections, and all get the same events."""
    with server.client() as client:
        job = finished(client, start_job(client))
        expected = losses(client, job["id"])
    path = f"{server.base_url}/v1/jobs/{job['id']}"
    streams = {httpx2.get(f"{path}/events", headers={"Accept": "text/event-stream"}).text for _ in range(MANY)}
    histories = {httpx2.get(f"{path}/history", headers={"Accept": "text/csv"}).text for _ in range(MANY)}
    assert len(streams) == len(histories) == 1
    assert len(expected) == job["progress"]["step"]
    assert all(httpx2.get(f"{server.base_url}/health/ready").json()["trainer"] == "running" for _ in range(MANY))


def test_a_moved_alias_holds_in_all_processes_at_once(server: Server) -> None:
    """When the request that moves an alias is answered, no process predicts with the old version."""
    with server.client() as client:
        finished(client, start_job(client))
        versions = [each["version"] for each in client.get("/v1/models/digits").json()["versions"]]
        for version in 3 * [min(versions), max(versions)]:
            moved = client.put("/v1/models/digits/aliases/moving", json={"version": version})
            assert moved.status_code == httpx2.codes.OK, moved.text
            url = f"{server.base_url}/v1/predict?alias=moving"
            answers = [httpx2.post(url, json={"pixels": [0] * 784}).json()["version"] for _ in range(MANY)]
            assert set(answers) == {version}


def test_a_caller_has_one_limit_of_streams(server: Server) -> None:
    """Three open streams of one address are all, however they spread over the processes."""
    with server.client() as client:
        url = f"{server.base_url}/v1/jobs/{start_job(client, epochs=1000)}"
        as_stream = {"Accept": "text/event-stream"}
        opened = [httpx2.Client(timeout=None) for _ in range(3)]
        for each in opened:
            request = each.build_request("GET", f"{url}/events", headers=as_stream)
            assert each.send(request, stream=True).status_code == httpx2.codes.OK
        until(lambda: sample(server, "naivenet_watchers") == 3, what="three streams in the metrics")
        refused = [
            httpx2.get(f"{url}/events", headers={"Accept": "text/event-stream"}).status_code for _ in range(MANY)
        ]
        for each in opened:
            each.close()
        until(lambda: sample(server, "naivenet_watchers") == 0, what="no stream in the metrics")
        client.post(f"{url}/cancel")
    assert set(refused) == {httpx2.codes.TOO_MANY_REQUESTS}


def test_a_killed_process_is_replaced_while_the_other_answers(server: Server) -> None:
    """No request fails, also while the new one starts, and what the killed process had counted stays in the metrics."""
    call_live(server)
    before, (killed, other) = live_requests(server), api_processes(server)
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(set(api_processes(server)) - {killed}) == 2, what="another process")
    (new,) = set(api_processes(server)) - {killed, other}
    rounds = 1
    while sockets_of(new) < ACCEPTED_AT_ONCE:
        call_live(server)
        rounds += 1
    call_live(server)
    assert live_requests(server) == before + rounds * MANY
    assert other in api_processes(server)


def test_a_caller_has_one_rate_limit(tmp_path: Path, tiny: Path) -> None:
    """In a second, all processes together accept so many requests of one address."""
    server = Server(tmp_path, tiny=tiny, workers=2, max_requests_per_s=5, trainer=False).start()
    began = time.monotonic()
    statuses = [httpx2.get(f"{server.base_url}/v1/options").status_code for _ in range(MANY)]
    seconds = time.monotonic() - began
    server.stop()
    assert 5 <= statuses.count(httpx2.codes.OK) <= 5 * (seconds + 2)
    assert server.said().count("Traceback") == 0


def test_the_processes_end_with_their_parent(tmp_path: Path, tiny: Path) -> None:
    """After ``kill -9`` of the parent no API process is left behind."""
    server = Server(tmp_path, tiny=tiny, workers=2, trainer=False).start()
    processes = until(lambda: api_processes(server) if len(api_processes(server)) == 2 else None, what="both processes")
    server.kill()
    until(lambda: not any(Path(f"/proc/{each}").exists() for each in processes), what="the processes to end")


def test_a_port_in_use_is_an_error_in_words(server: Server, tmp_path: Path) -> None:
    """A second service on the port of a first one is refused."""
    environment = server.environment | {"NAIVENET_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "service", "serve"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"The service cannot listen on 127.0.0.1:{server.port}: Address already in use" in ended.stderr
