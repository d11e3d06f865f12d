"""A job whose worker is killed a hundred times, each time after a new checkpoint, succeeds with the same bytes."""

import os
import signal
from pathlib import Path

import httpx2
import pytest

from tests.processes import find, send
from tests.servers import Server, finished, last_weights, losses, start_job, until

KILLS = int(os.environ.get("CHAOS_KILLS", "100"))

#: A job that is far from its end after all kills: an attempt trains a few short epochs.
BODY = {
    "epochs": 3 * KILLS,
    "batch_size": 64,
    "seed": 7,
    "shuffle": True,
    "optimizer": {"name": "adam"},
    "keep_last": 1,
}

#: How long the test waits for a job, in seconds.
PATIENCE_S = 1800


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_hundred_kills_with_progress_between_them(tmp_path: Path, tiny: Path) -> None:
    """The job may lose one worker without progress. CHAOS_KILLS changes the number of kills."""
    server = Server(tmp_path / "killed", tiny=tiny, max_attempts=2, threads_per_job=1).start()
    try:
        with server.client() as client:
            undisturbed = start_job(client, **BODY, checkpoint_every_epochs=3 * KILLS)
            assert finished(client, undisturbed, patience_s=PATIENCE_S)["status"] == "succeeded"
            job_id = start_job(client, **BODY)
            for _ in range(KILLS):
                kill_after_progress(server, client, job_id)
            job = finished(client, job_id, patience_s=PATIENCE_S)
            assert (job["status"], job["attempt"]) == ("succeeded", KILLS + 1), job["error"]
            assert losses(client, job_id) == losses(client, undisturbed)
            assert last_weights(client, job_id) == last_weights(client, undisturbed)
    finally:
        server.stop()


def kill_after_progress(server: Server, client: httpx2.Client, job_id: str) -> None:
    """Kill the job's worker once it has saved a checkpoint beyond the newest one, and wait for its end."""
    before = newest_step(client, job_id)
    until(lambda: newest_step(client, job_id) > before, what="a checkpoint")
    (worker,) = find(server.data_dir, "worker")
    assert send(worker, signal.SIGKILL)
    until(lambda: worker not in find(server.data_dir, "worker"), what="the end of the worker")


def newest_step(client: httpx2.Client, job_id: str) -> int:
    """Return the step of the job's newest checkpoint; 0 without one."""
    newest = client.get(f"/v1/jobs/{job_id}/checkpoints", params={"limit": 1}).json()["data"]
    return int(newest[0]["step"]) if newest else 0
