"""While the store, the database or the dataset is away, a worker waits and sends heartbeats, or releases its job."""

import io
import json
import multiprocessing
import os
from collections.abc import Iterator, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import stamina

import naivenet
from service.composition import Services, compose
from service.domain.claims import Claim
from service.domain.event import EventType
from service.domain.job import Status
from service.errors import Unavailable
from service.jobs import datasets
from service.settings import Settings
from service.training.failures import UNAVAILABLE_STATUS, released_worker
from service.training.trainer.executors import PRELOAD
from service.training.worker.process import work
from tests.attempts import claim_next, queue
from tests.object_store import FaultyProxy, ObjectStore, faulty_proxy
from tests.servers import PATIENCE_S, until

Away = tuple[Services, type[FaultyProxy]]

ALWAYS = 10**9


@pytest.fixture
def away(tiny_services: Services, object_store: ObjectStore, tmp_path: Path) -> Iterator[Away]:
    """Services whose checkpoint store is behind a proxy that can fail."""
    with faulty_proxy(object_store) as (address, proxy):
        options = {**object_store.options(), "endpoint_url": address}
        options["config_kwargs"] = {"retries": {"total_max_attempts": 1}, "connect_timeout": 1}
        settings = Settings(
            data_dir=tiny_services.settings.data_dir,
            storage_url=object_store.url(tmp_path.name),
            storage_options=json.dumps(options),
            worker_timeout_s=1,
        )
        services = compose(settings)
        yield services, proxy
        services.close()


def start(services: Services, claim: Claim, *, retries: bool) -> BaseProcess:
    """Start a worker; without *retries* it gives up at the first failed call instead of after a minute."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOAD, "tests.attempts"])
    process = context.Process(target=_work, args=(services.settings.environment(), claim, retries))
    process.start()
    return process


def _work(environment: Mapping[str, str], claim: Claim, retries: bool) -> None:  # noqa: FBT001  # a process's argument
    os.environ.update(environment)
    stamina.set_testing(not retries, attempts=1)
    work(claim.job_id, claim.attempt)


def test_a_worker_that_waits_for_its_store_sends_heartbeats(away: Away) -> None:
    """A store that is away when the worker starts costs time: the heartbeats come, and the job succeeds afterwards."""
    services, proxy = away
    weights = naivenet.Network.of(naivenet.NaiveSequential([naivenet.NaiveDense(784, 10, "softmax")])).build(
        784, seed=1
    )
    point = services.weights.upload(io.BytesIO(naivenet.to_safetensors(weights)), None, services.limits)
    job_id = queue(services, init_from=point.id, network=point.network.to_dict())
    claim = claim_next(services)
    proxy.failing, proxy.asked = ALWAYS, 0
    process = start(services, claim, retries=True)
    until(lambda: proxy.asked > 2, what="the worker to ask the store in vain")
    for _ in range(3):
        before = services.claims.leases()[claim].heartbeat_at
        until(lambda before=before: services.claims.leases()[claim].heartbeat_at != before, what="a heartbeat")  # type: ignore[misc]  # bound early
    proxy.failing = 0
    process.join(PATIENCE_S)
    assert services.jobs.get(job_id).status is Status.SUCCEEDED


def test_a_worker_whose_store_stays_away_releases_its_job(away: Away) -> None:
    """It ends with a status of its own; the job is queued again, the log says why, and no lost worker is counted."""
    services, proxy = away
    job_id = queue(services)
    claim = claim_next(services)
    proxy.failing = ALWAYS
    process = start(services, claim, retries=False)
    process.join(PATIENCE_S)
    assert process.exitcode == UNAVAILABLE_STATUS
    reason = released_worker(process.exitcode)
    assert reason
    assert services.claims.release(claim, reason=reason) is Status.QUEUED
    last = services.events.after(job_id, 0, limit=1000)[-1]
    assert (last.type, last.data["reason"]["code"]) == (EventType.STATUS, "storage_unavailable")
    assert not any(name == "lost" for name, _ in services.metrics.read().counts)


def test_a_dataset_that_cannot_be_read_now_is_unavailable(tmp_path: Path) -> None:
    """An input/output error of the file system is no damaged dataset: the worker tries again."""
    (tmp_path / "share.npz").symlink_to("/proc/self/mem")  # reading its first bytes is an input/output error
    with pytest.raises(Unavailable, match="share"):
        datasets.load(tmp_path, "share")
