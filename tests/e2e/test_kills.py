"""``kill -9`` of the trainer, the service, all processes or a container: jobs go on without waiting for a lease."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.processes import find
from tests.servers import Server, finished, job_where, last_weights, losses, start_job, training, until

BODY = {"epochs": 30, "shuffle": True, "seed": 3, "optimizer": {"name": "adam"}, "checkpoint_every_epochs": 5}

#: A lease that ends after the test: none of these jobs may wait for it.
LEASE_S = 600
SETTINGS = {"flush_interval_s": 0.05, "worker_timeout_s": LEASE_S, "max_attempts": 2}

#: Runs a command as a container does: with process ids and a host name of its own, all of which end with the first one.
CONTAINER = ("unshare", "--user", "--map-root-user", "--pid", "--uts", "--mount-proc", "--fork", "--kill-child")
NEW_NAME = ("sh", "-c", 'hostname "$(cat /proc/sys/kernel/random/uuid)"; exec "$@"', "sh")

Outcome = tuple[bytes, list[float]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """One service for the tests of this file; no job of it may lose a worker twice without progress."""
    started = Server(tmp_path_factory.mktemp("killed"), tiny=tiny, **SETTINGS).start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def undisturbed(server: Server) -> Outcome:
    """The weights and losses of a job that was not interrupted."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        finished(client, job_id)
        return last_weights(client, job_id), losses(client, job_id)


def assert_as_undisturbed(client: httpx2.Client, job_id: str, undisturbed: Outcome) -> None:
    """Check that the job succeeds in its second attempt, with the same bytes."""
    job = finished(client, job_id)
    assert (job["status"], job["attempt"]) == ("succeeded", 2), job["error"]
    assert (last_weights(client, job_id), losses(client, job_id)) == undisturbed


def lost_workers(client: httpx2.Client) -> float:
    """Return how many workers the service counts as lost."""
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("naivenet_workers_lost_total{"))


def test_a_worker_whose_trainer_is_killed_saves_and_ends(server: Server, undisturbed: Outcome) -> None:
    """It releases its job, so that the next trainer goes on at once from the last step, and no worker is lost."""
    with server.client() as client:
        before = lost_workers(client)
        job_id = start_job(client, **BODY)
        training(client, job_id)
        (worker,) = find(server.data_dir, "worker")
        (trainer,) = find(server.data_dir, "trainer")
        os.kill(trainer, signal.SIGKILL)
        until(lambda: worker not in find(server.data_dir, "worker"), what="the worker to end")
        assert_as_undisturbed(client, job_id, undisturbed)
        until(lambda: lost_workers(client) == before, what="the metrics")


def test_nothing_is_written_after_the_service_was_killed(server: Server, undisturbed: Outcome) -> None:
    """Worker and fork server end soon after the API and the trainer, and the data folder stays as it is."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        training(client, job_id)
    (trainer,) = find(server.data_dir, "trainer")
    os.kill(trainer, signal.SIGKILL)
    server.kill()
    until(lambda: not find(server.data_dir, "worker") + find(server.data_dir, "fork server"), what="all to end")
    written = changes(server.data_dir)
    time.sleep(1)
    assert changes(server.data_dir) == written
    server.start()
    with server.client() as client:
        assert_as_undisturbed(client, job_id, undisturbed)


def test_after_a_power_cut_a_job_waits_for_no_lease(server: Server, undisturbed: Outcome) -> None:
    """All processes are killed at once; the next trainer sees that those of the claim have ended, and goes on."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        job_where(client, job_id, lambda job: job["progress"]["epoch"] > 6)
    rest = [pid for role in ("trainer", "fork server", "worker") for pid in find(server.data_dir, role)]  # type: ignore[arg-type]  # a role
    for pid in {*rest, server.process.pid}:
        os.kill(pid, signal.SIGSTOP)  # so that no process sees another one end
    for pid in rest:
        os.kill(pid, signal.SIGKILL)
    server.kill()
    server.start()
    with server.client() as client:
        assert_as_undisturbed(client, job_id, undisturbed)


def test_after_a_kill_of_its_container_a_job_waits_for_no_lease(
    tmp_path: Path, tiny: Path, undisturbed: Outcome
) -> None:
    """The next container has another host name and other process ids; the locks in the data folder show the end."""
    if shutil.which("unshare") is None or subprocess.run([*CONTAINER, "true"], check=False).returncode != 0:
        pytest.skip("this user may not start containers")
    server = Server(tmp_path / "data", tiny=tiny, within=(*CONTAINER, *NEW_NAME), **SETTINGS).start()
    try:
        with server.client() as client:
            job_id = start_job(client, **BODY)
            job_where(client, job_id, lambda job: job["progress"]["epoch"] > 6)
        server.kill()
        server.start()
        with server.client() as client:
            assert_as_undisturbed(client, job_id, undisturbed)
    finally:
        server.kill()


def changes(folder: Path) -> dict[Path, int]:
    """Return when each file in the folder was last changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
