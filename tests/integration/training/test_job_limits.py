"""The limits of a job: time, memory, and the priority of its process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.composition import Services, compose
from service.domain.job import Status
from service.domain.listing import Listing
from service.settings import Settings
from tests.attempts import attempt, claim_next, queue
from tests.processes import find
from tests.servers import Server, finished, start_job, training

#: TensorFlow and a small network need less than this, and the weights of the huge network alone need more.
MEMORY_BYTES = 900_000_000

ZEROS = {"name": "zeros"}  # drawing random numbers would take seconds
HUGE = {
    "layers": [
        *[{"units": 4096, "activation": "relu", "initializer": ZEROS}] * 14,
        {"units": 10, "activation": "softmax", "initializer": ZEROS},
    ]
}
NICE = 7


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service whose jobs have little memory and a low priority."""
    folder = tmp_path_factory.mktemp("limited")
    server = Server(folder, tiny=tiny, max_running_jobs=1, max_job_bytes=MEMORY_BYTES, worker_nice=NICE).start()
    yield server
    server.stop()


def test_a_job_that_takes_too_long_keeps_its_history_and_weights(tiny_services: Services) -> None:
    """It fails with ``time_limit``; its history is complete, and a checkpoint has the weights of its last step."""
    hasty = compose(Settings(data_dir=tiny_services.settings.data_dir, max_job_s=0.5))
    job_id = queue(hasty, epochs=1000, checkpoint_every_epochs=1000)
    attempt(hasty, claim_next(hasty))
    job = hasty.jobs.get(job_id)
    (saved,), _ = hasty.checkpoints.page(Listing(limit=2), job_id=job_id)
    curve = hasty.history.losses(job_id)
    hasty.close()
    assert job.error is not None
    assert (job.status, job.error.code) == (Status.FAILED, "time_limit")
    assert saved.resumable
    assert saved.step == job.progress.step == curve.last_step == len(curve.losses)


def test_the_time_of_all_attempts_counts(tiny_services: Services) -> None:
    """A second attempt adds its time to that of the first, so that it has only the rest of the time limit."""
    job_id = queue(tiny_services, epochs=3)
    attempt(tiny_services, claim_next(tiny_services), release_at=2)
    spent_s = tiny_services.jobs.get(job_id).trained_s
    attempt(tiny_services, claim_next(tiny_services))
    assert 0 < spent_s < tiny_services.jobs.get(job_id).trained_s


def test_a_worker_has_the_priority_in_the_settings(limited: Server) -> None:
    """A worker has a lower priority than the API, so that training yields to serving."""
    with limited.client() as client:
        job_id = start_job(client, epochs=1000)
        training(client, job_id)
        (worker,) = find(limited.data_dir, "worker")
        ours, api, its = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, limited.process.pid, worker))
        assert (api - ours, its - ours) == (0, NICE)
        client.post(f"/v1/jobs/{job_id}/cancel")
        finished(client, job_id)


def test_a_job_that_takes_too_much_memory_fails_alone(limited: Server) -> None:
    """It fails with ``out_of_memory`` in its first attempt, and the next job succeeds."""
    with limited.client() as client:
        job = finished(client, start_job(client, network=HUGE))
        assert (job["status"], job["error"]["code"], job["attempt"]) == ("failed", "out_of_memory", 1)
        assert finished(client, start_job(client))["status"] == "succeeded"
