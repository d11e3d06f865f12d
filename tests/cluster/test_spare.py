"""What a trainer that is killed costs the jobs of its cluster: time. After it, the service `shared` is slow."""

import os
import signal

import httpx2

from tests.cluster.conftest import ClusterService, digest, started
from tests.processes import find, send
from tests.servers import Json, until


def reasons(client: httpx2.Client, job_id: str) -> list[Json]:
    """Return why the trainer took the job away from a worker, each time that it did."""
    events = client.get(f"/v1/jobs/{job_id}/events", params={"limit": 1000}).json()["data"]
    return [event["data"]["reason"] for event in events if "reason" in event["data"]]


def test_a_spare_trainer_takes_over(client: httpx2.Client, shared: ClusterService, undisturbed: Json) -> None:
    """A second trainer of a cluster claims nothing until the first one has been killed; then it takes its jobs over.

    The tasks of the killed trainer save and release their jobs, which end with the same bytes.
    """
    with shared.spare_trainer() as log:
        until(lambda: "another trainer uses the Ray cluster" in log.read_text(), what="the spare's line")
        job_id = started(client)
        assert "starting a worker" not in log.read_text()
        os.kill(shared.server.process.pid, signal.SIGSTOP)  # so that it does not start its trainer again
        try:
            (trainer,) = find(shared.server.data_dir, "trainer")
            assert send(trainer, signal.SIGKILL)
            until(lambda: "starting a worker" in log.read_text(), what="the spare to take over")
        finally:
            os.kill(shared.server.process.pid, signal.SIGCONT)
        assert digest(client, job_id) == undisturbed["long"]
        assert reasons(client, job_id) == []
