"""Which nodes of a cluster get jobs."""

import httpx2

from tests.cluster.conftest import ENDLESS, NODES, ClusterService, cancel
from tests.postgres import Cluster as Postgres
from tests.servers import start_job, training, until


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
