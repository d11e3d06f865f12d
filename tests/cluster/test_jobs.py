"""Jobs on a cluster: nothing about them differs from jobs on one machine."""

import httpx2

from tests.cluster.conftest import ENDLESS, LONG, NODES, PATIENCE_S, SHORT, ClusterService, cancel, digest
from tests.servers import Json, finished, job_where, start_job, training, until

#: An image of 28 x 28 black pixels.
PIXELS = {"pixels": [0] * 784}

#: How much the processes of both nodes may grow by three jobs: far less than one of these jobs takes.
LARGEST_GROWTH_BYTES = 60_000_000


def test_jobs_end_with_the_bytes_of_a_local_run(client: httpx2.Client, undisturbed: Json) -> None:
    """Jobs that run at the same time on all nodes of a cluster end with the weights of undisturbed local runs."""
    jobs = [("long", start_job(client, **LONG)), *(("short", start_job(client, **SHORT)) for _ in range(2))]
    for name, job_id in jobs:
        assert digest(client, job_id) == undisturbed[name]


def test_jobs_fill_the_cluster_and_no_more(client: httpx2.Client, shared: ClusterService) -> None:
    """Three logical cores run three jobs with one thread each; a fourth one waits, and is not claimed."""
    jobs = [start_job(client, **ENDLESS) for _ in range(4)]
    for job_id in jobs[:3]:
        training(client, job_id)
    placed = {name: len(shared.cluster.jobs(name)) for name in NODES}
    assert placed == NODES
    assert client.get(f"/v1/jobs/{jobs[3]}").json()["status"] == "queued"
    cancel(client, *reversed(jobs))


def test_a_running_job_is_steered_as_on_one_machine(client: httpx2.Client) -> None:
    """A job on a cluster obeys a new learning rate, saves now, predicts, is paused and resumed, and is cancelled."""
    job_id = start_job(client, **ENDLESS)
    training(client, job_id)
    client.patch(f"/v1/jobs/{job_id}", json={"optimizer": {"learning_rate": 0.002}}).raise_for_status()
    until(lambda: '"change"' in client.get(f"/v1/jobs/{job_id}/events?limit=1000").text, what="the change")
    client.post(f"/v1/jobs/{job_id}/checkpoints").raise_for_status()
    client.post("/v1/predict", params={"job": job_id}, json=PIXELS).raise_for_status()
    client.post(f"/v1/jobs/{job_id}/pause").raise_for_status()
    paused = job_where(client, job_id, lambda job: job["status"] == "paused")
    client.post(f"/v1/jobs/{job_id}/resume").raise_for_status()
    job_where(client, job_id, lambda job: job["progress"]["step"] > paused["progress"]["step"])
    cancel(client, job_id)


def test_a_job_gives_its_memory_back(client: httpx2.Client, shared: ClusterService) -> None:
    """After a job its process is gone; what stays on the nodes for the next job does not grow from job to job."""
    sizes = []
    for _ in range(3):
        for job_id in [start_job(client, **SHORT) for _ in range(3)]:
            finished(client, job_id, patience_s=PATIENCE_S)
        until(lambda: not any(map(shared.cluster.jobs, NODES)), what="the end of the jobs' processes")
        sizes.append(sum(map(shared.cluster.resident_bytes, NODES)))
    assert sizes[2] - sizes[1] < LARGEST_GROWTH_BYTES
