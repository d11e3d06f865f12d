"""Any process may end at any moment: acknowledged data is kept, and interrupted jobs end with the same bytes.

The library's and the worker's tests show exact resume at many points of a run. These show that the whole service gets
there: that a lost process is noticed and replaced, and that its job is trained on.
"""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.conftest import StartServer
from tests.postgres import Cluster
from tests.processes import find
from tests.servers import (
    PATIENCE_S,
    Json,
    Server,
    finished,
    job_where,
    last_weights,
    losses,
    start_job,
    training,
    until,
)

#: Long enough to be interrupted, and with state that must be kept: momentum, and a position in a shuffled epoch.
BODY = {
    "epochs": 12,
    "shuffle": True,
    "seed": 3,
    "optimizer": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9},
    "checkpoint_every_epochs": 4,
}

#: Seconds after which a silent worker counts as lost; several of these tests wait for it.
WORKER_TIMEOUT_S = 5

SAVES = 60

Outcome = tuple[bytes, list[float]]


def worker_of(server: Server) -> int:
    """Return the process id of the only worker."""
    return until(lambda: find(server.data_dir, "worker"), what="a worker")[-1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """One service for the tests of this file: after each it runs again, on the same data."""
    folder = tmp_path_factory.mktemp("survivor")
    settings = {
        "flush_interval_s": 0.05,
        "worker_timeout_s": WORKER_TIMEOUT_S,
        "shutdown_grace_s": 30,
        "threads_per_job": 1,
    }
    started = Server(folder, tiny=tiny, **settings).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def undisturbed(server: Server) -> Outcome:
    """The weights and losses of a job that was not interrupted."""
    with server.client() as client:
        job = finished(client, start_job(client, **BODY))
        assert job["status"] == "succeeded", job["error"]
        return last_weights(client, job["id"]), losses(client, job["id"])


def assert_as_undisturbed(client: httpx2.Client, job: Json, undisturbed: Outcome) -> None:
    """Check that a job has succeeded with the same losses and weights as the one that was not interrupted."""
    assert job["status"] == "succeeded", job["error"]
    assert losses(client, job["id"]) == undisturbed[1]
    assert last_weights(client, job["id"]) == undisturbed[0]


def test_a_killed_worker_is_replaced(server: Server, undisturbed: Outcome) -> None:
    """The job resumes from its last checkpoint, and its history has neither gap nor overlap."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        job_where(client, job_id, lambda job: job["progress"]["epoch"] > 4)
        os.kill(worker_of(server), signal.SIGKILL)
        job = finished(client, job_id)
        assert job["attempt"] == 2
        assert_as_undisturbed(client, job, undisturbed)


def test_waiting_saves_block_no_other_request(server: Server) -> None:
    """While sixty clients wait for checkpoints from a hung worker, all else is answered; so are they in the end."""
    with server.client() as client, ThreadPoolExecutor(SAVES) as clients:
        job_id = start_job(client, epochs=1000, checkpoint_every_epochs=1000)
        training(client, job_id)
        hung = worker_of(server)
        os.kill(hung, signal.SIGSTOP)
        try:
            url = f"{server.base_url}/v1/jobs/{job_id}/checkpoints"
            saves = [clients.submit(httpx2.post, url, timeout=PATIENCE_S) for _ in range(SAVES)]
            until(lambda: _waiting_saves(server) == SAVES, what="all requests to wait")
            for path in ("/health/ready", f"/v1/jobs/{job_id}", "/v1/checkpoints"):
                assert client.get(path).status_code == httpx2.codes.OK
            assert not any(save.done() for save in saves)
        finally:
            os.kill(hung, signal.SIGCONT)
        assert {save.result().status_code for save in saves} == {httpx2.codes.CREATED}
        client.post(f"/v1/jobs/{job_id}/cancel")
        finished(client, job_id)


def test_a_worker_suspended_for_longer_than_its_lease_writes_nothing_more(server: Server, undisturbed: Outcome) -> None:
    """When it continues, another worker has its job: it notices that and ends, and has changed nothing."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
        suspended = worker_of(server)
        os.kill(suspended, signal.SIGSTOP)
        job_where(client, job_id, lambda job: (job["attempt"], job["status"]) == (2, "running"))
        os.kill(suspended, signal.SIGCONT)
        until(lambda: suspended not in find(server.data_dir, "worker"), what="the first worker to end")
        job = finished(client, job_id)
        assert job["attempt"] == 2
        assert_as_undisturbed(client, job, undisturbed)


def test_a_job_whose_workers_always_die_fails(server: Server) -> None:
    """It fails after as many attempts as the settings allow, and the error names the signal."""
    known = set(find(server.data_dir, "worker"))  # the worker of the test before may not have ended yet
    with server.client() as client:
        job_id = start_job(client, epochs=1000, checkpoint_every_epochs=1000)  # no progress between the kills
        for attempt in (1, 2, 3):
            job_where(client, job_id, lambda job, at=attempt: (job["attempt"], job["status"]) == (at, "running"))
            worker = until(lambda: set(find(server.data_dir, "worker")) - known, what="the attempt's worker").pop()
            os.kill(worker, signal.SIGKILL)
            known.add(worker)
        job = finished(client, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "worker_killed")
    assert "signal 9" in job["error"]["message"]


def test_a_killed_fork_server_is_replaced(server: Server, undisturbed: Outcome) -> None:
    """The next job starts another fork server; the job whose worker fell silent resumes in another attempt."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
        (fork_server,) = find(server.data_dir, "fork server")
        os.kill(fork_server, signal.SIGKILL)
        assert finished(client, start_job(client))["status"] == "succeeded"
        assert find(server.data_dir, "fork server") not in ([], [fork_server])
        assert_as_undisturbed(client, finished(client, job_id), undisturbed)


def test_a_stopped_service_resumes_its_job_when_it_is_started_again(server: Server, undisturbed: Outcome) -> None:
    """On SIGTERM the worker saves a checkpoint where it stands, and the next service resumes from that step."""
    body = BODY | {"checkpoint_every_epochs": BODY["epochs"]}  # so that every other checkpoint is by the stop
    with server.client() as client:
        job_id = start_job(client, **body)
        training(client, job_id)
    server.stop()
    server.start()
    with server.client() as client:
        job = finished(client, job_id)
        assert job["attempt"] == 2
        assert_as_undisturbed(client, job, undisturbed)
        last, saved = client.get(f"/v1/jobs/{job_id}/checkpoints").json()["data"]
        assert 0 < saved["step"] < last["step"]


def test_an_unavailable_database_costs_a_job_nothing(
    own_postgres: Cluster, start_server: StartServer, undisturbed: Outcome
) -> None:
    """While PostgreSQL is down, requests get 503 with Retry-After; the worker waits, and trains on when it is back."""
    url = own_postgres.new()
    server = start_server(database_url=url, worker_timeout_s=10, flush_interval_s=0.05, threads_per_job=1)
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
        worker = worker_of(server)
        os.kill(worker, signal.SIGSTOP)  # so that its job does not end before the server has stopped
        own_postgres.stop()
        os.kill(worker, signal.SIGCONT)
        refused = client.get(f"/v1/jobs/{job_id}")
        assert (refused.status_code, "retry-after" in refused.headers) == (httpx2.codes.SERVICE_UNAVAILABLE, True)
        time.sleep(11)  # longer than the worker's timeout
        own_postgres.start()
        job = finished(client, job_id)
        assert job["attempt"] == 1
        assert_as_undisturbed(client, job, undisturbed)


def _waiting_saves(server: Server) -> int:
    with closing(sqlite3.connect(server.data_dir / "naivenet.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM save_requests WHERE checkpoint_id IS NULL").fetchone()
        return int(count)
