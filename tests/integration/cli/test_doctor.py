"""`naivenet doctor` reports each problem with its remedy; `backup` and `restore` as commands."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from naivenet import to_safetensors
from service.composition import Services, compose
from service.domain.config import JobConfig
from service.settings import Settings
from tests.integration.cli.conftest import Run
from tests.servers import Server, free_port, start_job
from tests.stored import notebook_weights

BROKEN = {
    "database": {"database_url": "postgresql://naivenet@127.0.0.1:{closed}/naivenet"},
    "storage": {"storage_url": "s3://bucket/a", "storage_options": '{{"endpoint_url": "http://127.0.0.1:{closed}"}}'},
    "cluster": {"executor": "ray", "ray_address": "127.0.0.1:{closed}"},
    "data folder": {"data_dir": "/dev/null/a"},
}


def naivenet(folder: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a command of naivenet with a data folder."""
    chosen = {"data_dir": folder, "port": free_port(), **settings}
    environment = os.environ | {f"NAIVENET_{name.upper()}": str(value) for name, value in chosen.items()}
    environment |= {"AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "service", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_new_machine_has_no_problem(tmp_path: Path) -> None:
    """Nothing has to exist before the first start, which creates it."""
    ran = naivenet(tmp_path / "new", "doctor", "--json")
    findings = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stdout
    checks = ["data folder", "database", "migrations", "trainers", "cluster", "storage", "pairing", "disk", "dataset"]
    assert [finding["check"] for finding in findings] == [*checks, "cache", "tensorflow", "port"]
    assert all(finding["ok"] and finding["found"] and not finding["remedy"] for finding in findings)


@pytest.mark.parametrize("part", BROKEN)
def test_a_problem_has_a_remedy(part: str, tmp_path: Path) -> None:
    """The finding says what to do; the other findings stay ok."""
    settings = {name: value.format(closed=free_port()) for name, value in BROKEN[part].items()}
    ran = naivenet(tmp_path, "doctor", "--json", **settings)
    findings = {finding["check"]: finding for finding in json.loads(ran.stdout)}
    assert ran.returncode == 1
    assert not findings[part]["ok"]
    assert "NAIVENET_" in findings[part]["remedy"]
    assert findings["dataset"]["ok"]


def test_queued_jobs_without_a_trainer_are_a_problem(services: Services) -> None:
    """Jobs are queued, and no trainer has sent a heartbeat."""
    services.jobs.create(JobConfig())
    ran = naivenet(services.settings.data_dir, "doctor", "--json", trainer=False)
    (found,) = (finding for finding in json.loads(ran.stdout) if finding["check"] == "trainers")
    assert (ran.returncode, found["ok"]) == (1, False)
    assert "queued jobs: 1" in found["found"]
    assert "naivenet trainer" in found["remedy"]


def test_the_migrations_of_older_and_newer_versions(services: Services) -> None:
    """An older database is migrated at the next start; a newer one is a problem."""
    folder = services.settings.data_dir
    for revision, ok in (("0001", True), ("9999", False)):
        with services.database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
        findings = {each["check"]: each for each in json.loads(naivenet(folder, "doctor", "--json").stdout)}
        assert findings["migrations"]["ok"] is ok
        assert revision in findings["migrations"]["found"]


def test_a_damaged_dataset_cache_is_a_problem(tmp_path: Path) -> None:
    """The unpacked files in the cache are compared with MNIST's digests."""
    settings = {"cache_dir": tmp_path / "cache"}
    assert naivenet(tmp_path, "doctor", **settings).returncode == 0
    for path in (tmp_path / "cache").rglob("y_test.npy"):
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
    findings = {each["check"]: each for each in json.loads(naivenet(tmp_path, "doctor", "--json", **settings).stdout)}
    assert not findings["dataset"]["ok"]
    assert str(tmp_path / "cache") in findings["dataset"]["remedy"]


def test_the_port_of_a_running_service_is_no_problem(session_server: Server, tmp_path: Path) -> None:
    """If naivenet itself listens on the port, the check is ok."""
    assert "naivenet already listens" in naivenet(tmp_path, "doctor", port=session_server.port).stdout


def test_backup_and_restore_as_commands(session_server: Server, tmp_path: Path) -> None:
    """A running service is backed up and restored into a new folder; a second restore is refused in one line."""
    with session_server.client() as client:
        start_job(client)
    file = tmp_path / "backup.tar"
    assert naivenet(session_server.data_dir, "backup", str(file)).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    restored = naivenet(tmp_path / "new", "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    again = naivenet(tmp_path / "new", "restore", str(file))
    assert (again.returncode, again.stderr.count("\n")) == (5, 1)
    assert "empty" in again.stderr


def test_backup_lists_damaged_checkpoints(tmp_path: Path) -> None:
    """Each is a line on standard error; the backup is written nevertheless."""
    with contextlib.closing(compose(Settings(data_dir=tmp_path / "data"))) as services:
        point = services.weights.upload(io.BytesIO(to_safetensors(notebook_weights())), None, services.limits)
        services.blobs.write(point.weights_blob, b"other bytes")
    made = naivenet(tmp_path / "data", "backup", str(tmp_path / "backup.tar"))
    assert (made.returncode, made.stderr.count("\n")) == (0, 1)
    assert f"{point.id} was damaged" in made.stderr


@pytest.mark.parametrize(
    ("command", "error"),
    [(("backup", "none/backup.tar"), "none does not exist"), (("restore", "none.tar"), "does not exist")],
)
def test_a_backup_without_a_place_is_an_error_of_one_sentence(
    cli: Run, tmp_path: Path, command: tuple[str, str], error: str
) -> None:
    """A folder or a file that does not exist is named, without a traceback."""
    name, file = command
    ran = cli(name, tmp_path / file, NAIVENET_DATA_DIR=tmp_path / "data", COLUMNS=300)
    assert ran.code == 2
    assert error in ran.error
    assert "Traceback" not in ran.error
