"""What dies on a cluster costs a job time and nothing else: it ends with the bytes of an undisturbed run."""

import signal

import httpx2

from tests.cluster.conftest import ClusterService, digest, started
from tests.processes import send
from tests.servers import Json


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
