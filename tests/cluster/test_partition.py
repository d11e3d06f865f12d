"""A node whose link is cut while its job trains: what it writes afterwards reaches nothing."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import LONG, PATIENCE_S, ClusterService, digest
from tests.cluster.links import Link, linked
from tests.cluster.nodes import RayCluster
from tests.postgres import Cluster as Postgres
from tests.servers import Json, losses, start_job, until


@pytest.fixture
def link() -> Iterator[Link]:
    """A network namespace that is linked to this machine."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("network namespaces need root and the program `ip`")
    with contextlib.ExitStack() as stack:
        try:
            made = stack.enter_context(linked())
        except subprocess.CalledProcessError as error:
            pytest.skip(f"the system refuses network namespaces: {error.stderr}")
        yield made


@pytest.fixture
def partitioned(tmp_path: Path, link: Link, tiny: Path) -> Iterator[ClusterService]:
    """A service on a cluster with one node, which a link joins to the database, the head and the trainer."""
    postgres, cluster = Postgres(address=link.near), RayCluster()
    try:
        service = ClusterService(tmp_path, cluster.start_head(), postgres, tiny, worker_timeout_s=5)
        cluster.start_node_by_hand("far", 1, service.environment_of("far"), link=link)
        yield service
        service.server.stop()
    finally:
        cluster.shutdown()
        postgres.remove()


def test_a_node_behind_a_cut_link_writes_nothing_more(
    partitioned: ClusterService, link: Link, undisturbed: Json
) -> None:
    """A job whose node is cut off goes on at another node, to the same bytes.

    Its first worker lives on behind the cut. When the link is back, it notices that its claim is lost, and ends.
    """
    with partitioned.server.start().client() as client:
        job_id = start_job(client, **LONG)
        until(lambda: client.get(f"/v1/jobs/{job_id}/checkpoints").json()["data"], what="a checkpoint")
        partitioned.start_node("one")
        link.cut()
        until(lambda: client.get(f"/v1/jobs/{job_id}").json()["attempt"] > 1, what="a second attempt")
        assert partitioned.cluster.jobs("far")  # without a database it gives up after a while
        assert digest(client, job_id) == undisturbed["long"]
        job, found = client.get(f"/v1/jobs/{job_id}").json(), losses(client, job_id)
        link.join()
        until(lambda: not partitioned.cluster.jobs("far"), what="the first worker's end", patience_s=PATIENCE_S)
        assert (client.get(f"/v1/jobs/{job_id}").json(), losses(client, job_id)) == (job, found)
        assert digest(client, job_id) == undisturbed["long"]
