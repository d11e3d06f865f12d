"""``kill -9`` of the trainer, the service, all processes or a container: jobs go on without waiting for a lease."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import httpx2
import pytest

from naivenet_client import AsyncClient, Client, Event, StatusEvent, StepsEvent
from tests.processes import Role, find
from tests.servers import Server, finished, job_where, last_weights, losses, start_job, training, until

CONFIG = {"epochs": 12, "shuffle": True, "optimizer": {"name": "adam"}, "checkpoint_every_epochs": 4}
SEED = 3
BODY = {**CONFIG, "seed": SEED}

#: A lease that ends after the test: none of these jobs may wait for it.
LEASE_S = 600
SETTINGS = {
    "flush_interval_s": 0.05,
    "worker_timeout_s": LEASE_S,
    "max_attempts": 2,
    "max_running_jobs": 1,
    "threads_per_job": 1,
}

#: Runs a command as a container does: with process ids and a host name of its own, all of which end with the first one.
CONTAINER = ("unshare", "--user", "--map-root-user", "--pid", "--uts", "--mount-proc", "--fork", "--kill-child")
NEW_NAME = ("sh", "-c", 'hostname "$(cat /proc/sys/kernel/random/uuid)"; exec "$@"', "sh")

#: The processes beside the API.
ROLES: tuple[Role, ...] = ("worker", "fork server", "trainer")

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
        ((worker,), (fork_server,), (trainer,)) = (find(server.data_dir, role) for role in ROLES)
        os.kill(trainer, signal.SIGKILL)
        until(lambda: worker not in find(server.data_dir, "worker"), what="the worker to end")
        until(lambda: fork_server not in find(server.data_dir, "fork server"), what="the fork server to end")
        assert_as_undisturbed(client, job_id, undisturbed)
        assert find(server.data_dir, "trainer") not in ([], [trainer])
        until(lambda: lost_workers(client) == before, what="the metrics")


def test_a_killed_service_goes_on_when_it_is_started_again(server: Server, undisturbed: Outcome) -> None:
    """After ``kill -9`` of the API the other processes end and write nothing more; the next service finishes all.

    A job of an experiment resumes, the jobs that ended before count, and the others are trained afterwards. Two clients
    go on reading the job's events: every event once, in order, to the end.
    """
    configs = {"short": {"dataset": "tiny", "epochs": 1}, "long": {"dataset": "tiny", **CONFIG}}
    arms = [{"name": name, "config": config} for name, config in configs.items()]
    body = {"arms": arms, "seeds": [SEED, SEED + 1]}
    with server.client() as client, ThreadPoolExecutor(2) as threads:
        made = client.post("/v1/experiments", json=body).raise_for_status().json()
        path = made["links"]["self"]
        jobs = client.get("/v1/jobs", params={"experiment": made["id"]}).json()["data"]
        job_id = next(job["id"] for job in jobs if job["epochs"] > 1 and job["seed"] == SEED)
        reached = Barrier(3)
        reading = [threads.submit(read, server.base_url, job_id, reached) for read in (read_blocking, read_async)]
        reached.wait()
        assert client.get(path).json()["jobs"]["succeeded"] == 1
        server.kill()
        until(lambda: not any(find(server.data_dir, role) for role in ROLES), what="all processes to end")
        written = changes(server.data_dir)
        time.sleep(1)
        assert changes(server.data_dir) == written
        server.start()
        assert_as_undisturbed(client, job_id, undisturbed)
        for events in [each.result() for each in reading]:
            assert [event.number for event in events] == list(range(1, len(events) + 1))
            read_losses = [loss for event in events if isinstance(event, StepsEvent) for loss in event.losses]
            assert read_losses == undisturbed[1]
            statuses = [(event.status, event.attempt) for event in events if isinstance(event, StatusEvent)]
            assert statuses[-1] == ("succeeded", 2)
        until(lambda: client.get(path).json()["status"] == "succeeded", what="the end of the experiment")
        result = client.get(f"{path}/result").json()
        assert [arm["n"] for arm in result["arms"]] == [2, 2]
        assert result["pairs"][0]["missing"] == 0


def read_blocking(url: str, job_id: str, reached: Barrier) -> list[Event]:
    """Return all events of a job, and pass the barrier when it trains."""
    events = []
    with Client(url) as client:
        for event in client.jobs.get(job_id).events():
            if isinstance(event, StepsEvent) and not any(isinstance(each, StepsEvent) for each in events):
                reached.wait()
            events.append(event)
    return events


def read_async(url: str, job_id: str, reached: Barrier) -> list[Event]:
    """Do the same with the asynchronous client."""

    async def read() -> list[Event]:
        events = []
        async with AsyncClient(url) as client:
            async for event in (await client.jobs.get(job_id)).events():
                if isinstance(event, StepsEvent) and not any(isinstance(each, StepsEvent) for each in events):
                    reached.wait()
                events.append(event)
        return events

    return asyncio.run(read())


def test_after_a_power_cut_a_job_waits_for_no_lease(server: Server, undisturbed: Outcome) -> None:
    """All processes are killed at once; the next trainer sees that those of the claim have ended, and goes on."""
    with server.client() as client:
        job_id = start_job(client, **BODY)
        job_where(client, job_id, lambda job: job["progress"]["epoch"] > 4)
    rest = [pid for role in ROLES for pid in find(server.data_dir, role)]
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
            job_where(client, job_id, lambda job: job["progress"]["epoch"] > 4)
        server.kill()
        server.start()
        with server.client() as client:
            assert_as_undisturbed(client, job_id, undisturbed)
    finally:
        server.kill()


def changes(folder: Path) -> dict[Path, int]:
    """Return when each file in the folder was last changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
