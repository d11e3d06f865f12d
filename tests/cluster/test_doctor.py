"""`naivenet doctor` on a Ray cluster."""

import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from service.store.database import Database
from service.store.operations.identity import IdentityStore
from tests.cluster.conftest import NODES, PATIENCE_S, ClusterService
from tests.postgres import Cluster as Postgres
from tests.servers import Json, until

#: The longest time for all checks, in seconds; Ray's import takes long on a busy machine.
DOCTOR_S = 120


def finding(environment: dict[str, str]) -> Json:
    """Run the doctor, and return what it says about the cluster."""
    command = [sys.executable, "-m", "service", "doctor", "--json"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=DOCTOR_S)
    return next(each for each in json.loads(ran.stdout) if each["check"] == "cluster")


def ok_finding(shared: ClusterService) -> Json | None:
    """Return the finding once it is no problem: nodes that have just started may report too late."""
    found = finding(shared.server.environment)
    return found if found["ok"] else None


def test_a_cluster_is_described_by_its_nodes_and_cores(shared: ClusterService) -> None:
    """The finding has the number of nodes and of jobs that they can run; the head, which runs none, does not count."""
    found = until(lambda: ok_finding(shared), what="both nodes to report", patience_s=PATIENCE_S)
    assert f"2 nodes with 3 cores at {shared.cluster.address}, for 3 jobs" in found["found"]


def test_nodes_with_another_database_are_named(shared: ClusterService, postgres: Postgres, tmp_path: Path) -> None:
    """A doctor whose settings lead to another database than the nodes' says so of each node, with its URL."""
    ours = {"NAIVENET_DATABASE_URL": postgres.new(), "NAIVENET_DATA_DIR": str(tmp_path)}
    with closing(Database(ours["NAIVENET_DATABASE_URL"])) as database:
        IdentityStore(database).draw()
    found = finding(shared.server.environment | ours)
    assert not found["ok"]
    assert found["found"].count("its database is another one, postgresql") == len(NODES)
    assert "NAIVENET_DATABASE_URL" in found["remedy"]


def test_jobs_that_fit_no_node_are_a_problem(shared: ClusterService) -> None:
    """The finding says what a job needs, and what the nodes have."""
    found = finding(shared.server.environment | {"NAIVENET_THREADS_PER_JOB": "64"})
    assert "No node has room for a job of 64 cores" in found["found"]
    assert "NAIVENET_THREADS_PER_JOB" in found["remedy"]


def test_a_missing_ray_is_named(tmp_path: Path) -> None:
    """Without Ray the finding names the setting that needs it, and the extra to install."""
    (tmp_path / "ray.py").write_text("raise ModuleNotFoundError('No module named ray', name='ray')")
    hidden = {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    found = finding(os.environ | hidden | {"NAIVENET_DATA_DIR": str(tmp_path / "data"), "NAIVENET_EXECUTOR": "ray"})
    assert found["found"] == "NAIVENET_EXECUTOR=ray needs Ray: pip install 'naivenet[ray]'."


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    """An address without a port is refused before anything is connected."""
    settings = {"NAIVENET_DATA_DIR": str(tmp_path), "NAIVENET_EXECUTOR": "ray", "NAIVENET_RAY_ADDRESS": "head"}
    assert "NAIVENET_RAY_ADDRESS: 'head' is no address" in finding(os.environ | settings)["found"]


def test_a_cluster_that_hangs_is_given_up(tmp_path: Path) -> None:
    """Something that accepts connections and never answers is named after a quarter of a minute."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = {"NAIVENET_DATA_DIR": str(tmp_path), "NAIVENET_EXECUTOR": "ray", "NAIVENET_RAY_ADDRESS": address}
        found = finding(os.environ | settings)
    assert found["found"] == f"The Ray cluster at NAIVENET_RAY_ADDRESS={address} has not answered for 15 s."
    assert "NAIVENET_RAY_ADDRESS" in found["remedy"]
