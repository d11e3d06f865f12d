"""Any process can be ended at any moment: what was acknowledged is there, and jobs end with the same bytes."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
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

#: Long enough to be disturbed, and with all that has to be kept: momentum, and a position in a shuffle.
BODY = {
    "epochs": 40,
    "shuffle": True,
    "seed": 3,
    "optimizer": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9},
    "checkpoint_every_epochs": 7,
}


Outcome = tuple[bytes, list[float]]


def trainer_of(server: Server) -> int:
    """The trainer's process."""
    return until(lambda: find(server.data_dir, "trainer"), what="a trainer")[0]


def worker_of(server: Server) -> int:
    """The only worker's process."""
    return until(lambda: find(server.data_dir, "worker"), what="a worker")[-1]


@pytest.fixture(scope="module")
def undisturbed(client: httpx.Client) -> Outcome:
    """The weights and losses of a job that nobody disturbed."""
    job = finished(client, start_job(client, **BODY))
    assert job["status"] == "succeeded", job["error"]
    return last_weights(client, job["id"]), losses(client, job["id"])


def assert_as_undisturbed(client: httpx.Client, job: Json, undisturbed: Outcome) -> None:
    """It has succeeded, with the very same losses and weights."""
    assert job["status"] == "succeeded", job["error"]
    assert losses(client, job["id"]) == undisturbed[1]
    assert last_weights(client, job["id"]) == undisturbed[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """One service for the accidents of this file: after each it is there again, on the same data."""
    started = Server(tmp_path_factory.mktemp("survivor"), tiny=tiny, flush_interval_s=0.05).start()
    yield started
    started.stop()


def test_a_worker_asked_to_go_hands_its_job_back(server: Server, undisturbed: Outcome) -> None:
    """It saves where it stands, and the next attempt goes on from that very step."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
        os.kill(worker_of(server), signal.SIGTERM)
        job = finished(client, job_id)
        assert job["attempt"] == 2
        assert_as_undisturbed(client, job, undisturbed)
        saved = client.get(f"/v1/jobs/{job_id}/checkpoints?limit=100").json()["data"]
        assert any(each["epoch"] % 7 and each["epoch"] != BODY["epochs"] for each in saved)


def test_a_worker_killed_is_replaced(server: Server, undisturbed: Outcome) -> None:
    """The job goes on from its last checkpoint, and its history has neither gap nor overlap."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        job_where(client, job_id, lambda job: job["progress"]["epoch"] > 8)
        os.kill(worker_of(server), signal.SIGKILL)
        job = finished(client, job_id)
        assert job["attempt"] == 2
        assert_as_undisturbed(client, job, undisturbed)


def test_saves_that_wait_for_a_worker_hold_up_nobody(server: Server) -> None:
    """Sixty ask for the weights of one that hangs: all else is answered meanwhile, and so are they when it goes on."""
    with server.client() as client, ThreadPoolExecutor(60) as asking:
        job_id = start_job(client, epochs=1000, checkpoint_every_epochs=1000)
        training(client, job_id)
        hung = worker_of(server)
        os.kill(hung, signal.SIGSTOP)
        try:
            url = f"{server.base_url}/v1/jobs/{job_id}/checkpoints"
            saves = [asking.submit(httpx.post, url, timeout=PATIENCE_S) for _ in range(60)]
            time.sleep(1)
            for path in ("/health/ready", f"/v1/jobs/{job_id}", "/v1/checkpoints"):
                assert client.get(path).status_code == httpx.codes.OK
            assert not any(save.done() for save in saves)
        finally:
            os.kill(hung, signal.SIGCONT)
        assert {save.result().status_code for save in saves} == {httpx.codes.CREATED}
        client.post(f"/v1/jobs/{job_id}/cancel")


def test_a_worker_that_was_stopped_past_its_lease_writes_no_more(server: Server, undisturbed: Outcome) -> None:
    """Continued while another trains its job, it finds that out, ends, and has changed nothing."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
        stopped = worker_of(server)
        os.kill(stopped, signal.SIGSTOP)
        job_where(client, job_id, lambda job: (job["attempt"], job["status"]) == (2, "running"))
        os.kill(stopped, signal.SIGCONT)
        until(lambda: stopped not in find(server.data_dir, "worker"), what="the first worker to end")
        job = finished(client, job_id)
        assert job["attempt"] == 2
        assert_as_undisturbed(client, job, undisturbed)


def test_a_job_whose_workers_always_die_fails(server: Server) -> None:
    """After as many attempts as it may have, naming the signal."""
    known = set(find(server.data_dir, "worker"))  # that of the test before may be about to end
    with server.client() as client:
        job_id = start_job(client, epochs=1000)
        for attempt in (1, 2, 3):
            job_where(client, job_id, lambda job, at=attempt: (job["attempt"], job["status"]) == (at, "running"))
            worker = until(lambda: set(find(server.data_dir, "worker")) - known, what="the attempt's worker").pop()
            os.kill(worker, signal.SIGKILL)
            known.add(worker)
        job = finished(client, job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", "worker_killed")
    assert "signal 9" in job["error"]["message"]


def test_a_trainer_killed_is_started_again(server: Server) -> None:
    """By the API's supervisor; jobs that wait meanwhile are trained."""
    trainer = trainer_of(server)
    os.kill(trainer, signal.SIGKILL)
    with server.client() as client:
        assert finished(client, start_job(client))["status"] == "succeeded"
    assert trainer_of(server) != trainer


def test_a_fork_server_killed_is_started_again(server: Server, undisturbed: Outcome) -> None:
    """By the next job; the one whose worker nobody hears of any more goes on in another attempt."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
        (fork_server,) = find(server.data_dir, "fork server")
        os.kill(fork_server, signal.SIGKILL)
        assert finished(client, start_job(client))["status"] == "succeeded"
        assert find(server.data_dir, "fork server") not in ([], [fork_server])
        assert_as_undisturbed(client, finished(client, job_id), undisturbed)


def test_a_service_killed_goes_on_when_started_again(server: Server, undisturbed: Outcome) -> None:
    """``kill -9`` of the API: its trainer and workers go too, and a new service finishes the job."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
    trainer = trainer_of(server)
    server.kill()
    until(lambda: not _command(trainer), what="the trainer to end")
    server.start()
    with server.client() as client:
        job = finished(client, job_id)
        assert job["attempt"] == 2
        assert_as_undisturbed(client, job, undisturbed)


def test_a_database_that_is_away_for_a_while_costs_a_job_nothing(
    own_postgres: Cluster, start_server: StartServer, undisturbed: Outcome
) -> None:
    """PostgreSQL ends in the middle: requests are told to come back, the worker waits, and goes on when it is there."""
    url = own_postgres.new()
    with start_server(database_url=url, worker_timeout_s=10, flush_interval_s=0.05).client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
        own_postgres.stop()
        refused = client.get(f"/v1/jobs/{job_id}")
        assert (refused.status_code, "retry-after" in refused.headers) == (httpx.codes.SERVICE_UNAVAILABLE, True)
        time.sleep(12)  # longer than a worker may be silent
        own_postgres.start()
        job = finished(client, job_id)
        assert job["attempt"] == 1
        assert_as_undisturbed(client, job, undisturbed)


def test_a_service_stopped_goes_on_when_started_again(server: Server, undisturbed: Outcome) -> None:
    """A stop in the usual way loses not a step: the job waits, with a checkpoint where it stood."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
    server.stop()
    server.start()
    with server.client() as client:
        assert_as_undisturbed(client, finished(client, job_id), undisturbed)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
