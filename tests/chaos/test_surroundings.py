"""What a service needs fails for a while: its jobs wait or fail by name, and the API stays up."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import TERMINAL, Server, finished, job_where, last_weights, losses, start_job, training, until

StartServer = Callable[..., Server]

LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(10)
"""
TMPFS_BYTES = 12_000_000

#: Gives a process another clock than the system's; Debian's package `faketime` has it.
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


#: Long enough to be disturbed, and with all that has to be kept.
BODY = {"epochs": 60, "shuffle": True, "seed": 3, "optimizer": {"name": "adam"}, "checkpoint_every_epochs": 7}


def fill(file: Path) -> None:
    """Write until there is no room."""
    with file.open("wb", buffering=0) as writing:
        while True:
            writing.write(b"0" * 4096)


def test_a_database_locked_for_ten_seconds_costs_only_time(start_server: StartServer) -> None:
    """Reads are answered meanwhile, the worker waits, and nobody takes its job from it."""
    server = start_server(worker_timeout_s=5)
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


def test_a_full_disk_fails_the_job_by_name(start_server: StartServer, small_disk: Path) -> None:
    """The API stays up, nothing half is left, and the next job succeeds once there is room."""
    server = start_server(storage_url=small_disk)
    filler = small_disk / ".partial-filler"
    filler.write_bytes(b"0" * (TMPFS_BYTES - 1_000_000))
    with server.client() as client:
        failed = finished(client, start_job(client))
        assert (failed["status"], failed["error"]["code"]) == ("failed", "disk_full")
        assert {path.name for path in small_disk.iterdir()} == {filler.name}
        assert client.get("/health/ready").status_code == httpx.codes.OK
        filler.unlink()
        assert finished(client, start_job(client))["status"] == "succeeded"


def test_a_database_disk_that_is_full_leaves_no_job_stuck(start_server: StartServer, small_disk: Path) -> None:
    """While there is no room for a row the API answers, and when there is, the job comes to its end."""
    server = start_server(database_url=f"sqlite:///{small_disk}/naivenet.db")
    filler = small_disk / "filler"
    with server.client() as client:
        job_id = start_job(client, epochs=200, checkpoint_every_epochs=200)
        training(client, job_id)
        with pytest.raises(OSError, match="No space"):
            fill(filler)
        refused = [client.post("/v1/jobs", json={}).status_code for _ in range(3)]
        assert httpx.codes.SERVICE_UNAVAILABLE in refused
        assert client.get("/health/live").status_code == httpx.codes.OK
        filler.unlink()
        cancel = f"/v1/jobs/{job_id}/cancel"
        assert until(lambda: client.post(cancel).status_code != httpx.codes.SERVICE_UNAVAILABLE, what="an answer")
        assert finished(client, job_id)["status"] in TERMINAL


def test_a_clock_that_jumps_costs_nothing(tmp_path: Path, tiny: Path) -> None:
    """An hour ahead and two back, in the middle of a job: nobody loses it, and it ends as it would have."""
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
            for jump, epoch in (("+1h", 5), ("-2h", 25)):
                job_where(client, job_id, lambda job, epoch=epoch: job["progress"]["epoch"] > epoch)  # type: ignore[misc]  # bound early
                clock.write_text(jump)
            job = finished(client, job_id)
            assert (job["status"], job["attempt"]) == ("succeeded", 1)
            assert job["finished_at"] < job["started_at"]
            assert losses(client, job_id) == losses(client, whole)
            assert last_weights(client, job_id) == last_weights(client, whole)
    finally:
        server.stop()
