"""Ray's autoscaler adds a node while jobs wait, and removes it when there are none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import PATIENCE_S, SHORT, ClusterService
from tests.cluster.nodes import RayCluster
from tests.postgres import Cluster as Postgres
from tests.servers import finished, start_job, until


@pytest.fixture
def autoscaled(tmp_path: Path, postgres: Postgres, tiny: Path) -> Iterator[ClusterService]:
    """A service on a cluster of a head only, whose autoscaler adds a node with one core."""
    cluster = RayCluster()
    try:
        service = ClusterService(tmp_path, cluster, postgres, tiny)
        cluster.start_autoscaling_head(service.environment_of("node"), cpus=1)
        service.server.start()
        yield service
        service.server.stop()
    finally:
        cluster.shutdown()


def test_a_node_comes_for_queued_jobs_and_goes_after_them(autoscaled: ClusterService) -> None:
    """Queued jobs make the autoscaler add a node, on which they run; it removes the node once there are no jobs."""
    said = autoscaled.server.said
    with autoscaled.server.client() as client:
        jobs = [start_job(client, **SHORT) for _ in range(2)]
        assert {finished(client, job_id, patience_s=PATIENCE_S)["status"] for job_id in jobs} == {"succeeded"}
        assert said().count("has joined the cluster, with room for 1 jobs") == 1
        until(lambda: "has left the cluster" in said(), what="the end of the idle node", patience_s=PATIENCE_S)
