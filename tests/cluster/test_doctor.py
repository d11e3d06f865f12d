"""`naivenet doctor` on a Ray cluster."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from service.store.database import Database
from service.store.operations.identity import IdentityStore
from tests.cluster.conftest import NODES, PATIENCE_S, ClusterService
from tests.postgres import Cluster as Postgres
from tests.servers import Json, until

#: The longest time for all checks, in seconds; Ray's import takes long on a busy machine.
DOCTOR_S = 120


def finding(environment: Mapping[str, str]) -> Json | None:
    """Run the doctor, and return what it says about the cluster, once that is no problem.

    Nodes that have just started may report too late.
    """
    command = [sys.executable, "-m", "service", "doctor", "--json"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=DOCTOR_S)
    found: Json = next(each for each in json.loads(ran.stdout) if each["check"] == "cluster")
    return found if found["ok"] else None


def checked(environment: Mapping[str, str], *command: str) -> Json:
    """Run the doctor's check of the cluster alone, and return its finding."""
    command = command or ("-m", "service.training.cluster.check")
    ran = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=True, timeout=DOCTOR_S
    )
    found: Json = json.loads(ran.stdout.splitlines()[-1])
    return found


def test_a_cluster_is_described_by_its_nodes_and_cores(shared: ClusterService) -> None:
    """The finding has the number of nodes and of jobs that they can run; the head, which runs none, does not count."""
    found = until(lambda: finding(shared.server.environment), what="both nodes to report", patience_s=PATIENCE_S)
    assert f"2 nodes with 3 cores at {shared.cluster.address}, for 3 jobs" in found["found"]


def test_nodes_with_another_database_are_named(shared: ClusterService, postgres: Postgres, tmp_path: Path) -> None:
    """A doctor whose settings lead to another database than the nodes' says so of each node, with its URL."""
    ours = {"NAIVENET_DATABASE_URL": postgres.new(), "NAIVENET_DATA_DIR": str(tmp_path)}
    with closing(Database(ours["NAIVENET_DATABASE_URL"])) as database:
        IdentityStore(database).draw()

    def found() -> Json | None:
        answer, sentence = checked(shared.server.environment | ours), "its database is another one, postgresql"
        return answer if answer["found"].count(sentence) == len(NODES) else None

    answer = until(found, what="both nodes to report", patience_s=PATIENCE_S)
    assert "NAIVENET_DATABASE_URL" in answer["remedy"]


def test_jobs_that_fit_no_node_are_a_problem(shared: ClusterService) -> None:
    """The finding says what a job needs, and what the nodes have."""
    found = checked(shared.server.environment | {"NAIVENET_THREADS_PER_JOB": "64"})
    assert "No node has room for a job of 64 cores" in found["found"]
    assert "NAIVENET_THREADS_PER_JOB" in found["remedy"]


def test_a_cluster_that_hangs_is_given_up(tmp_path: Path) -> None:
    """Something that accepts connections and never answers is named after some time, here after a second."""
    check = "import service.training.cluster.check as check; check.CHECK_S = 1.0; check.main()"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = {"NAIVENET_DATA_DIR": str(tmp_path), "NAIVENET_EXECUTOR": "ray", "NAIVENET_RAY_ADDRESS": address}
        found = checked(os.environ | settings, "-c", check)
    assert found["found"] == f"The Ray cluster at NAIVENET_RAY_ADDRESS={address} has not answered for 1 s."
    assert found["remedy"] is not None
