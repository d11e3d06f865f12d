"""What one job may take of a machine that others use too: time, memory, and processors."""

import os

from service.composition import Services, compose
from service.domain.job import Status
from service.settings import Settings
from tests.attempts import attempt, claim_next, queue
from tests.conftest import StartServer
from tests.processes import find
from tests.servers import finished, start_job, training

#: TensorFlow has its place in it; some nine hundred megabytes of weights have none.
MEMORY_BYTES = 900_000_000
HUGE = {"layers": [{"units": 4096, "activation": "relu"}] * 14 + [{"units": 10, "activation": "softmax"}]}


def test_a_job_that_takes_too_long_keeps_what_it_has(tiny_services: Services) -> None:
    """It fails as ``time_limit``; its history is whole, and a checkpoint has the weights of its last step."""
    hasty = compose(Settings(data_dir=tiny_services.settings.data_dir, max_job_s=0.5))
    job_id = queue(hasty, epochs=1000, checkpoint_every_epochs=1000)
    attempt(hasty, claim_next(hasty))
    job = hasty.jobs.get(job_id)
    (saved,), _ = hasty.checkpoints.page(job_id=job_id, limit=2)
    curve = hasty.history.losses(job_id)
    hasty.close()
    assert job.error is not None
    assert (job.status, job.error.code) == (Status.FAILED, "time_limit")
    assert saved.resumable
    assert saved.step == job.progress.step == curve.last_step == len(curve.losses)


def test_time_counts_over_all_attempts(tiny_services: Services) -> None:
    """Whoever goes on with a job has only what is left of its time."""
    job_id = queue(tiny_services, epochs=3)
    attempt(tiny_services, claim_next(tiny_services), release_at=2)
    spent_s = tiny_services.jobs.get(job_id).trained_s
    attempt(tiny_services, claim_next(tiny_services))
    assert 0 < spent_s < tiny_services.jobs.get(job_id).trained_s


def test_a_job_that_takes_too_much_memory_is_ended_alone(start_server: StartServer) -> None:
    """It fails as ``out_of_memory``, at its first attempt; the next one trains."""
    server = start_server(max_running_jobs=1, max_job_bytes=MEMORY_BYTES)
    with server.client() as client:
        job = finished(client, start_job(client, network=HUGE))
        assert (job["status"], job["error"]["code"], job["attempt"]) == ("failed", "out_of_memory", 1)
        assert finished(client, start_job(client))["status"] == "succeeded"


def test_training_yields_to_serving(start_server: StartServer) -> None:
    """A worker is as nice as the settings say; the API is not."""
    server = start_server(worker_nice=7)
    with server.client() as client:
        training(client, start_job(client, epochs=1000))
        (worker,) = find(server.data_dir, "worker")
        ours, theirs, its = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, server.process.pid, worker))
        assert (theirs - ours, its - ours) == (0, 7)
