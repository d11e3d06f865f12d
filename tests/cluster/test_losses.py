"""What dies on a cluster costs a job time and nothing else: it ends with the bytes of an undisturbed run."""

import os
import signal

import httpx2

from tests.cluster.conftest import LONG, ClusterService, digest
from tests.processes import find, send
from tests.servers import Json, start_job, until


def started(client: httpx2.Client) -> str:
    """Start a job that is long enough to be disturbed, wait for its first checkpoint, and return its id."""
    job_id = start_job(client, **LONG)
    until(lambda: client.get(f"/v1/jobs/{job_id}/checkpoints").json()["data"], what="a checkpoint")
    return job_id


def reasons(client: httpx2.Client, job_id: str) -> list[Json]:
    """Return why the trainer took the job away from a worker, each time that it did."""
    events = client.get(f"/v1/jobs/{job_id}/events", params={"limit": 1000}).json()["data"]
    return [event["data"]["reason"] for event in events if "reason" in event["data"]]


def test_a_killed_worker_costs_a_job_only_time(
    client: httpx2.Client, shared: ClusterService, undisturbed: Json
) -> None:
    """A job whose process, or whose Ray worker, is killed goes on in a second attempt, and ends with the same bytes."""
    jobs = [started(client) for _ in range(2)]
    assert send(shared.cluster.worker_of(jobs[0]), signal.SIGKILL)
    assert send(shared.cluster.process_of(jobs[1]), signal.SIGKILL)
    for job_id in jobs:
        assert digest(client, job_id) == undisturbed["long"]
        assert client.get(f"/v1/jobs/{job_id}").json()["attempt"] == 2


def test_a_node_that_dies_costs_its_jobs_only_time(
    client: httpx2.Client, shared: ClusterService, undisturbed: Json
) -> None:
    """When a node dies, its jobs go on elsewhere without having lost an attempt that counts, to the same bytes."""
    jobs = [started(client) for _ in range(2)]
    shared.cluster.kill_node("two")
    try:
        assert {digest(client, job_id) for job_id in jobs} == {undisturbed["long"]}
    finally:
        shared.start_node("two")


def test_a_killed_trainer_costs_its_jobs_only_time(
    client: httpx2.Client, shared: ClusterService, undisturbed: Json
) -> None:
    """When the trainer is killed, its tasks save and release their jobs, which end with the same bytes."""
    job_id = started(client)
    (trainer,) = find(shared.server.data_dir, "trainer")
    assert send(trainer, signal.SIGKILL)
    assert digest(client, job_id) == undisturbed["long"]
    assert reasons(client, job_id) == []


def test_a_spare_trainer_takes_over(client: httpx2.Client, shared: ClusterService, undisturbed: Json) -> None:
    """A second trainer of a cluster claims nothing until the first one has been killed; then it takes its jobs over."""
    with shared.spare_trainer() as log:
        until(lambda: "another trainer uses the Ray cluster" in log.read_text(), what="the spare's line")
        job_id = started(client)
        assert "starting a worker" not in log.read_text()
        os.kill(shared.server.process.pid, signal.SIGSTOP)  # so that it does not start its trainer again
        try:
            (trainer,) = find(shared.server.data_dir, "trainer")
            assert send(trainer, signal.SIGKILL)
            until(lambda: "starting a worker" in log.read_text(), what="the spare to take over")
        finally:
            os.kill(shared.server.process.pid, signal.SIGCONT)
        assert digest(client, job_id) == undisturbed["long"]
