"""SIGTERM ends a process cleanly, also while it still waits for its database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import Settings
from tests.servers import PATIENCE_S, free_port, until

#: After this time `docker stop` kills what still runs, in seconds.
DOCKER_S = 10


@pytest.mark.parametrize("command", ["serve", "trainer"])
def test_a_start_that_waits_for_its_database_can_be_stopped(tmp_path: Path, command: str) -> None:
    """It ends with exit status 0, without waiting for the database any longer."""
    url = f"postgresql://naivenet@127.0.0.1:{free_port()}/naivenet"
    environment = os.environ | {"NAIVENET_DATA_DIR": str(tmp_path), "NAIVENET_DATABASE_URL": url}
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", command], env=environment, stdout=written, stderr=written
        )
    until(lambda: "Retrying for up to" in log.read_text(), what="the process to wait for its database")
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    assert "Traceback" not in log.read_text()


def test_the_default_grace_period_fits_into_dockers(tmp_path: Path) -> None:
    """The service has ended before `docker stop` would kill it."""
    assert Settings(data_dir=tmp_path).shutdown_grace_s <= DOCKER_S - 2
