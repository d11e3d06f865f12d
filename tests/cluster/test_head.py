"""A cluster that is not there, comes, goes and comes back: jobs wait, and end with the bytes of an undisturbed run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import LONG, PATIENCE_S, SHORT, ClusterService, digest
from tests.cluster.nodes import RayCluster
from tests.postgres import Cluster as Postgres
from tests.servers import Json, job_where, start_job, until

#: The beginning of the sentence about a cluster that does not answer.
AWAY = "No Ray cluster answers at NAIVENET_RAY_ADDRESS="


@pytest.fixture
def without_cluster(tmp_path: Path, postgres: Postgres, tiny: Path) -> Iterator[ClusterService]:
    """A service whose cluster is not there yet."""
    cluster = RayCluster()
    service = ClusterService(tmp_path, cluster, postgres, tiny)
    try:
        service.server.start()
        yield service
        service.server.stop()
    finally:
        cluster.shutdown()


def test_jobs_wait_for_a_cluster_that_comes_goes_and_comes_back(
    without_cluster: ClusterService, undisturbed: Json
) -> None:
    """Without its cluster a job waits, and one line names setting and address; it runs when the cluster comes.

    A job whose cluster loses its head goes on after the head is back, and ends with the same bytes.
    """
    server, cluster = without_cluster.server, without_cluster.cluster
    with server.client() as client:
        early = start_job(client, **SHORT)
        until(lambda: f"{AWAY}{cluster.address}" in server.said(), what="the line about the cluster")
        cluster.start_head()
        without_cluster.start_node("one")
        assert digest(client, early) == undisturbed["short"]
        assert server.said().count(AWAY) == 1
        assert client.get(f"/v1/jobs/{early}").json()["attempt"] == 1

        job_id = start_job(client, **LONG)
        until(lambda: client.get(f"/v1/jobs/{job_id}/checkpoints").json()["data"], what="a checkpoint")
        cluster.kill_head()
        job_where(client, job_id, lambda job: job["status"] == "queued", patience_s=PATIENCE_S)
        cluster.kill_node("one")  # as its own end, which Ray delays, and that of a machine's service manager
        cluster.start_head()
        without_cluster.start_node("one")
        assert digest(client, job_id) == undisturbed["long"]
