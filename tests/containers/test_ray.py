"""`docker compose --profile ray up --scale ray-worker=2`: jobs on a Ray cluster, of which a node is killed."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.containers.engines import Engine
from tests.containers.stacks import Stack, stack
from tests.servers import Json, finished, last_weights, until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]  # the first to run builds the images

JOBS = 8
BODY: Json = {"epochs": 2, "checkpoint_every_epochs": 1, "seed": 7, "optimizer": {"name": "adam"}}

#: How long nodes may take to join, and all jobs to end, in seconds, where other programs share the machine's cores.
PATIENCE_S = 600.0


@pytest.fixture(scope="module")
def cluster(images: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A cluster of a head and two nodes, each with room for one job, with empty volumes."""
    with stack(images, "ray", tmp_path_factory.mktemp("secrets")) as running:
        yield running


@pytest.fixture(scope="module")
def client(cluster: Stack) -> Iterator[httpx2.Client]:
    """A client of the API."""
    with cluster.client() as speaking:
        yield speaking


def running(client: httpx2.Client) -> int:
    """The number of jobs that train."""
    jobs = client.get("/v1/jobs", params={"status": "running", "limit": 100}).json()["data"]
    return sum(job["progress"]["step"] > 0 for job in jobs)


def test_jobs_survive_a_killed_node(cluster: Stack, client: httpx2.Client) -> None:
    """A node is killed while it trains: all jobs succeed, and the lost ones end with the bytes of the others."""
    ids = [client.post("/v1/jobs", json=BODY).raise_for_status().json()["id"] for _ in range(JOBS)]
    until(lambda: running(client) == 2, what=f"a job on each node\n{cluster.logs()}", patience_s=PATIENCE_S)
    cluster.kill_one("ray-worker")
    jobs = [finished(client, job, patience_s=PATIENCE_S) for job in ids]
    assert {job["status"] for job in jobs} == {"succeeded"}
    assert max(job["attempt"] for job in jobs) > 1
    assert len({last_weights(client, job) for job in ids}) == 1


def test_the_killed_node_comes_back(cluster: Stack) -> None:
    """Compose starts the node's container again, and it joins the cluster, whose size the API reports."""
    cluster.up()
    until(
        lambda: "naivenet_cluster_nodes 2.0" in httpx2.get(f"{cluster.urls[0]}/metrics").text,
        what=f"two nodes\n{cluster.logs()}",
        patience_s=PATIENCE_S,
    )
