"""Which nodes of a cluster get jobs, and what becomes of the jobs of a node that is stopped."""

import httpx2

from tests.cluster.conftest import ENDLESS, NODES, ClusterService, cancel
from tests.postgres import Cluster as Postgres
from tests.servers import job_where, start_job, training, until


def test_a_node_with_another_database_gets_no_jobs(
    client: httpx2.Client, shared: ClusterService, postgres: Postgres
) -> None:
    """A node whose settings lead to another database trains nothing; one sentence names it and the setting."""
    sentence, before = "its database is another one", shared.server.said().count("its database is another one")
    shared.start_node("stranger", cpus=1, database_url=postgres.new())
    try:
        until(lambda: shared.server.said().count(sentence) > before, what="the sentence about the node")
        assert "NAIVENET_DATABASE_URL" in shared.server.said()
        jobs = [start_job(client, **ENDLESS) for _ in range(sum(NODES.values()) + 1)]
        for job_id in jobs[:-1]:
            training(client, job_id)
        assert client.get(f"/v1/jobs/{jobs[-1]}").json()["status"] == "queued"
        assert not shared.cluster.jobs("stranger")
        cancel(client, *reversed(jobs))
        assert shared.server.said().count(sentence) == before + 1
    finally:
        shared.cluster.kill_node("stranger")


def test_a_node_that_is_asked_to_end_saves_its_jobs_first(client: httpx2.Client, shared: ClusterService) -> None:
    """On SIGTERM to `ray start` a node's job saves at its present step and waits in the queue; no worker was lost."""
    jobs = [start_job(client, **ENDLESS) for _ in range(sum(NODES.values()))]
    for job_id in jobs:
        training(client, job_id)
    shared.cluster.start_node_by_hand("leaving", 1, shared.environment_of("leaving"))
    moved = start_job(client, **ENDLESS)
    training(client, moved)
    assert len(shared.cluster.jobs("leaving")) == 1
    shared.cluster.stop_politely("leaving")
    job = job_where(client, moved, lambda job: job["status"] == "queued")
    newest = client.get(f"/v1/jobs/{moved}/checkpoints", params={"limit": 1}).json()["data"][0]
    assert newest["step"] == job["progress"]["step"]
    events = client.get(f"/v1/jobs/{moved}/events", params={"limit": 1000}).json()["data"]
    assert not [event for event in events if "reason" in event["data"]]
    cancel(client, moved, *jobs)
