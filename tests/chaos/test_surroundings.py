"""Database, disk or clock fail for a while: jobs wait, or fail with a named error, and the API stays up."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from service.storage.blobs import PARTIAL
from tests.disks import fill, mounted
from tests.servers import Server, finished, job_where, last_weights, losses, start_job, training, until

StartServer = Callable[..., Server]

#: More epochs than a test waits for.
LONG = 1000

LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(6)
"""

#: A library that gives a process another clock; it is in Debian's package `faketime`.
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a few checkpoints."""
    with mounted(tmp_path / "disk") as folder:
        yield folder


#: Long enough to be disturbed, and with optimizer state and shuffling.
BODY = {"epochs": 30, "shuffle": True, "seed": 3, "optimizer": {"name": "adam"}, "checkpoint_every_epochs": 4}


def test_a_locked_database_delays_its_jobs_only(start_server: StartServer) -> None:
    """While the database is locked for longer than a lease, reads work, and the worker waits and keeps its job."""
    server = start_server(worker_timeout_s=3)
    with server.client() as client:
        job_id = start_job(client, epochs=40, checkpoint_every_epochs=40)
        training(client, job_id)
        command = [sys.executable, "-c", LOCK, str(server.data_dir / "naivenet.db")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as locker:
            assert locker.stdout
            assert locker.stdout.readline() == b"locked\n"
            while locker.poll() is None:
                assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "running"
        job = finished(client, job_id)
    assert (job["status"], job["attempt"]) == ("succeeded", 1)


def test_a_full_checkpoint_disk_delays_its_jobs_only(start_server: StartServer, small_disk: Path) -> None:
    """On a full disk a job is released with `disk_full` and no partial file; it goes on when there is space."""
    server = start_server(storage_url=small_disk, min_free_bytes=4_000_000)
    filler = small_disk / "filler"
    with server.client() as client:
        job_id = start_job(client, epochs=LONG, checkpoint_every_epochs=LONG, checkpoint_every_s=1)
        training(client, job_id)
        fill(filler)
        job_where(client, job_id, lambda job: job["status"] == "queued")
        events = client.get(f"/v1/jobs/{job_id}/events", params={"limit": 1000}).json()["data"]
        assert [each["data"] for each in events if each["type"] == "status"][-1]["reason"]["code"] == "disk_full"
        assert not [path for path in small_disk.iterdir() if path.name.startswith(PARTIAL)]
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (httpx2.codes.OK, "degraded")
        assert ready.json()["disk_free_bytes"] < 4_000_000
        filler.unlink()
        job = job_where(client, job_id, lambda job: job["status"] == "running" and job["attempt"] == 2)
        assert job["error"] is None


def test_a_full_database_disk_can_be_cleared_through_the_api(start_server: StartServer, small_disk: Path) -> None:
    """On a full disk no job can be created, but one can be deleted; a running job waits, and succeeds afterwards."""
    database = f"sqlite:///{small_disk}/naivenet.db"
    server = start_server(database_url=database, min_free_bytes=1_000_000, sweep_after_s=1)
    filler = small_disk / "filler"
    with server.client() as client:
        ended = start_job(client)
        finished(client, ended)
        until((small_disk / "naivenet.db-reserve").exists, what="the reserve")
        job_id = start_job(client, epochs=80, checkpoint_every_epochs=80)
        training(client, job_id)
        fill(filler)
        until(lambda: client.post("/v1/jobs", json={}).status_code == httpx2.codes.SERVICE_UNAVAILABLE, what="a 503")
        assert client.get("/health/live").status_code == httpx2.codes.OK
        assert client.delete(f"/v1/jobs/{ended}").status_code == httpx2.codes.NO_CONTENT
        filler.unlink()
        assert finished(client, job_id)["status"] == "succeeded"


def test_a_jumping_clock_changes_nothing(tmp_path: Path, tiny: Path) -> None:
    """A clock that jumps an hour ahead and two back during a job changes neither its attempts nor its result."""
    if FAKETIME is None:
        pytest.skip("libfaketime is not installed; `make chaos-short` does it")
    clock = tmp_path / "clock"
    server = Server(tmp_path / "service", tiny=tiny, worker_timeout_s=3)
    server.environment |= {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    clock.write_text("+0")
    server.start()
    try:
        with server.client() as client:
            whole = start_job(client, **BODY)
            finished(client, whole)
            job_id = start_job(client, **BODY)
            for jump, epoch in (("+1h", 4), ("-2h", 12)):
                job_where(client, job_id, lambda job, epoch=epoch: job["progress"]["epoch"] > epoch)  # type: ignore[misc]  # bound early
                clock.write_text(jump)
            job = finished(client, job_id)
            assert (job["status"], job["attempt"]) == ("succeeded", 1)
            assert job["finished_at"] < job["started_at"]
            assert losses(client, job_id) == losses(client, whole)
            assert last_weights(client, job_id) == last_weights(client, whole)
    finally:
        server.stop()
