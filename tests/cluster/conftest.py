"""What tests of a cluster share: a Ray cluster of a head and two nodes, a service on it, and undisturbed results."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.cluster.nodes import RayCluster
from tests.postgres import Cluster as Postgres
from tests.servers import Json, Server, finished, last_weights, start_job, until

#: The nodes of the shared cluster, with the cores that they claim.
NODES = {"one": 1, "two": 2}

#: A job that is long enough to be disturbed, with optimizer state and shuffling.
LONG = {
    "epochs": 100,
    "batch_size": 64,
    "seed": 3,
    "shuffle": True,
    "optimizer": {"name": "adam"},
    "checkpoint_every_epochs": 5,
}

#: A job that no test waits for.
ENDLESS = {**LONG, "epochs": 1000, "batch_size": 8}

#: A job that ends soon.
SHORT = {"epochs": 3, "seed": 5, "shuffle": True, "optimizer": {"name": "adam"}}

#: How long a test waits for a job, in seconds: on a busy machine a job and the start of a node take long.
PATIENCE_S = 200.0

#: The modules whose tests use the service `shared`, and therefore run in one process.
SHARING = ("test_doctor", "test_jobs", "test_losses", "test_nodes", "test_spare")


class Sharing(LoadScopeScheduling):
    """Gives all modules that share a cluster to one process, and each other module to whichever process is free."""

    def _split_scope(self, nodeid: str) -> str:
        module = Path(nodeid.partition("::")[0]).stem
        return "shared" if module in SHARING else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    """Return the scheduler of these tests."""
    return Sharing(config, log)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Json:
    """The digests of the final weights of `LONG` and `SHORT`, trained by local workers with one thread.

    The first process of these tests that asks trains them, and the other one waits for its file.
    """
    folder = tmp_path_factory.getbasetemp()
    file = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "undisturbed.json"
    try:
        file.with_suffix(".lock").touch(exist_ok=False)
    except FileExistsError:
        return until(
            lambda: json.loads(file.read_text()) if file.exists() else None, what=str(file), patience_s=PATIENCE_S
        )
    found = _undisturbed(tmp_path_factory.mktemp("local"), tiny)
    file.with_suffix(".part").write_text(json.dumps(found))
    file.with_suffix(".part").rename(file)
    return found


def _undisturbed(data_dir: Path, tiny: Path) -> Json:
    server = Server(data_dir, tiny=tiny, threads_per_job=1).start()
    try:
        with server.client() as client:
            jobs = {"long": start_job(client, **LONG), "short": start_job(client, **SHORT)}
            return {name: digest(client, job_id) for name, job_id in jobs.items()}
    finally:
        server.stop()


def digest(client: httpx2.Client, job_id: str) -> str:
    """Wait until the job has succeeded, and return the SHA-256 of its final weights."""
    job = finished(client, job_id, patience_s=PATIENCE_S)
    assert job["status"] == "succeeded", job["error"]
    return hashlib.sha256(last_weights(client, job_id)).hexdigest()


def started(client: httpx2.Client) -> str:
    """Start a job that is long enough to be disturbed, wait for its first checkpoint, and return its id."""
    job_id = start_job(client, **LONG)
    until(lambda: client.get(f"/v1/jobs/{job_id}/checkpoints").json()["data"], what="a checkpoint")
    return job_id


def cancel(client: httpx2.Client, *job_ids: str) -> None:
    """Cancel the jobs, and wait until they have ended."""
    for job_id in job_ids:
        client.post(f"/v1/jobs/{job_id}/cancel").raise_for_status()
    for job_id in job_ids:
        assert finished(client, job_id)["status"] == "cancelled"


class ClusterService:
    """A service on a Ray cluster, each node of which has a data folder of its own, as on a machine of its own."""

    def __init__(self, folder: Path, cluster: RayCluster, postgres: Postgres, tiny: Path, **settings: object) -> None:
        self.cluster, self._folder = cluster, folder
        chosen = {
            "executor": "ray",
            "ray_address": cluster.address,
            "database_url": postgres.new(),
            "storage_url": folder / "checkpoints",
            "datasets_dir": tiny,
            "worker_timeout_s": 30,  # a busy machine delays heartbeats
            "log_level": "info",
            **settings,
        }
        (folder / "checkpoints").mkdir()
        self.server = Server(folder / "service", tiny=tiny, **chosen)

    def start_node(self, name: str, *, cpus: float | None = None, **settings: object) -> None:
        """Start a node with the service's settings, but for its data folder and *settings*."""
        self.cluster.start_node(name, cpus or NODES[name], self.environment_of(name, **settings))

    def environment_of(self, name: str, **settings: object) -> dict[str, str]:
        """Return the environment of a node, with a data folder of its own."""
        data_dir = self._folder / name
        data_dir.mkdir(exist_ok=True)
        own = {"data_dir": data_dir, **settings}
        return self.server.environment | {f"NAIVENET_{key.upper()}": str(value) for key, value in own.items()}

    @contextlib.contextmanager
    def spare_trainer(self) -> Iterator[Path]:
        """Run a second trainer inside; yield the file of its log."""
        data_dir = self._folder / "spare"
        data_dir.mkdir(exist_ok=True)
        environment = self.server.environment | {"NAIVENET_DATA_DIR": str(data_dir)}
        with (data_dir / "log").open("wb") as log:
            command = [sys.executable, "-m", "service.training.trainer"]
            trainer = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield data_dir / "log"
        finally:
            trainer.terminate()
            trainer.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def cluster() -> Iterator[RayCluster]:
    """A Ray cluster; its head runs no jobs."""
    cluster = RayCluster()
    try:
        yield cluster.start_head()
    finally:
        cluster.shutdown()


@pytest.fixture(scope="session")
def shared(
    tmp_path_factory: pytest.TempPathFactory, cluster: RayCluster, postgres: Postgres, tiny: Path
) -> Iterator[ClusterService]:
    """A service on the cluster, with both nodes; tests that kill a node start it again."""
    service = ClusterService(tmp_path_factory.mktemp("shared"), cluster, postgres, tiny)
    for name in NODES:
        service.start_node(name)
    service.server.start()
    yield service
    service.server.stop()


@pytest.fixture
def client(shared: ClusterService) -> Iterator[httpx2.Client]:
    """Speaks to the service on the cluster."""
    with shared.server.client() as speaking:
        yield speaking
