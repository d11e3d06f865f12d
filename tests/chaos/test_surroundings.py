"""Database, disk or clock fail for a while: jobs wait, or fail with a named error, and the API stays up."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.servers import TERMINAL, Server, finished, job_where, last_weights, losses, start_job, training, until

StartServer = Callable[..., Server]

LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(6)
"""
TMPFS_BYTES = 12_000_000

#: A library that gives a process another clock; it is in Debian's package `faketime`.
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a few checkpoints."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


#: Long enough to be disturbed, and with optimizer state and shuffling.
BODY = {"epochs": 30, "shuffle": True, "seed": 3, "optimizer": {"name": "adam"}, "checkpoint_every_epochs": 4}


def fill(file: Path) -> None:
    """Write to the file until the disk is full."""
    with file.open("wb", buffering=0) as writing:
        while True:
            writing.write(b"0" * 4096)


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


def test_a_full_disk_fails_the_job_with_its_code(start_server: StartServer, small_disk: Path) -> None:
    """On a full disk the job fails with `disk_full`, no partial file is left, and a later job succeeds."""
    server = start_server(storage_url=small_disk)
    filler = small_disk / ".partial-filler"
    filler.write_bytes(b"0" * (TMPFS_BYTES - 1_000_000))
    with server.client() as client:
        failed = finished(client, start_job(client))
        assert (failed["status"], failed["error"]["code"]) == ("failed", "disk_full")
        assert {path.name for path in small_disk.iterdir()} == {filler.name}
        assert client.get("/health/ready").status_code == httpx2.codes.OK
        filler.unlink()
        assert finished(client, start_job(client))["status"] == "succeeded"


def test_a_database_disk_that_is_full_leaves_no_job_stuck(start_server: StartServer, small_disk: Path) -> None:
    """While the database's disk is full the API answers with 503, and afterwards the job ends."""
    server = start_server(database_url=f"sqlite:///{small_disk}/naivenet.db")
    filler = small_disk / "filler"
    with server.client() as client:
        job_id = start_job(client, epochs=200, checkpoint_every_epochs=200)
        training(client, job_id)
        with pytest.raises(OSError, match="No space"):
            fill(filler)
        until(lambda: client.post("/v1/jobs", json={}).status_code == httpx2.codes.SERVICE_UNAVAILABLE, what="a 503")
        assert client.get("/health/live").status_code == httpx2.codes.OK
        filler.unlink()
        cancel = f"/v1/jobs/{job_id}/cancel"
        assert until(lambda: client.post(cancel).status_code != httpx2.codes.SERVICE_UNAVAILABLE, what="an answer")
        assert finished(client, job_id)["status"] in TERMINAL


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
