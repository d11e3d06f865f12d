"""What a trainer expects of an executor holds for the processes of this machine and for a Ray cluster alike."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.composition import Services, compose
from service.domain.claims import Claim
from service.settings import Settings
from service.training.processes import this_process
from service.training.trainer.executors import Executor, LocalProcesses
from service.training.trainer.ray_executor import RayExecutor
from tests.attempts import queue
from tests.cluster.conftest import LONG, PATIENCE_S, SHORT, ClusterService
from tests.cluster.nodes import RayCluster
from tests.postgres import Cluster as Postgres
from tests.servers import until

#: The cores of the node that runs these jobs, and so the jobs at the same time.
SLOTS = 2


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, cluster: RayCluster, postgres: Postgres, tiny: Path
) -> Iterator[ClusterService]:
    """A database and a node of the cluster, whose settings this process has, too; no trainer runs."""
    service = ClusterService(tmp_path_factory.mktemp("executors"), cluster, postgres, tiny)
    service.start_node("contract", cpus=SLOTS)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in service.server.environment.items():
            if name.startswith("NAIVENET_"):
                patch.setenv(name, value)
        yield service
    cluster.kill_node("contract")


@pytest.fixture(scope="module")
def services(installation: ClusterService) -> Iterator[Services]:
    """The services of a trainer's process."""
    composed = compose(Settings())
    yield composed
    composed.close()


@pytest.fixture(scope="module", params=["local", "ray"])
def executor(request: pytest.FixtureRequest, services: Services) -> Iterator[Executor]:
    """Each executor in turn, with room for jobs."""
    made = LocalProcesses(SLOTS) if request.param == "local" else RayExecutor(services)
    threading.Thread(target=made.warm_up, daemon=True).start()
    until(lambda: made.room() == SLOTS, what="room for jobs", patience_s=PATIENCE_S)
    yield made
    made.kill()


def start(services: Services, executor: Executor, **job: object) -> Claim:
    """Queue a job, claim it as a trainer does, and start its worker."""
    queue(services, **job)
    claim = services.claims.acquire(max_running=None, process=this_process())
    assert claim is not None
    executor.start(claim)
    return claim


def end_of(executor: Executor, claim: Claim) -> int | None:
    """Wait until the executor reports the end of this claim's worker, and return the exit code."""
    ended: list[tuple[Claim, int | None]] = []

    def is_reported() -> bool:
        ended.extend(executor.ended())
        return bool(ended)

    until(is_reported, what="the end of the worker", patience_s=PATIENCE_S)
    assert [each for each, _ in ended] == [claim]
    return ended[0][1]


def trains(services: Services, claim: Claim) -> Callable[[], bool]:
    """Return a function that returns whether the claim's worker has saved a checkpoint."""
    return lambda: bool(services.workers.resume_points(claim.job_id))


def test_a_worker_trains_and_its_end_is_reported_once(services: Services, executor: Executor) -> None:
    """A started worker takes a slot until its end, which is reported once, with exit code 0."""
    claim = start(services, executor, **SHORT)
    assert (executor.running(), executor.room()) == (1, SLOTS - 1)
    assert end_of(executor, claim) == 0
    assert executor.ended() == []
    assert (executor.running(), executor.room()) == (0, SLOTS)
    assert services.jobs.get(claim.job_id).status == "succeeded"


def test_a_killed_worker_is_reported_with_its_signal(
    services: Services, executor: Executor, installation: ClusterService
) -> None:
    """The exit code of a worker that `kill -9` ends is -9."""
    claim = start(services, executor, **LONG)
    until(trains(services, claim), what="a checkpoint", patience_s=PATIENCE_S)
    (lease,) = (lease for each, lease in services.claims.leases().items() if each == claim)
    os.kill(lease.processes[-1].pid, signal.SIGKILL)
    assert end_of(executor, claim) == -signal.SIGKILL
    services.jobs.apply(claim.job_id, "cancel")


def test_terminated_workers_save_and_release_their_jobs(services: Services, executor: Executor) -> None:
    """On `terminate` a worker saves a checkpoint at the present step, gives its job back, and ends."""
    claim = start(services, executor, **LONG)
    until(trains(services, claim), what="a checkpoint", patience_s=PATIENCE_S)
    executor.terminate()
    assert end_of(executor, claim) == 0
    assert services.jobs.get(claim.job_id).status == "queued"
    services.jobs.apply(claim.job_id, "cancel")


def test_killed_workers_train_no_more(services: Services, executor: Executor) -> None:
    """After `kill` no worker trains. An executor starts none after it: this is the last test of each."""
    claim = start(services, executor, **LONG)
    until(trains(services, claim), what="a checkpoint", patience_s=PATIENCE_S)
    (lease,) = (lease for each, lease in services.claims.leases().items() if each == claim)
    executor.kill()
    worker = Path(f"/proc/{lease.processes[-1].pid}")
    until(lambda: not worker.exists(), what="the end of the worker's process", patience_s=PATIENCE_S)
    services.jobs.apply(claim.job_id, "cancel")
