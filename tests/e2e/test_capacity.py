"""Several trainers on one PostgreSQL: each runs its own number of jobs."""

import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.composition import Services, compose
from service.settings import Settings
from tests.attempts import queue
from tests.postgres import Cluster
from tests.servers import PATIENCE_S, until, write_tiny

StartTrainer = Callable[[], int]


@pytest.fixture
def shared(postgres: Cluster, tmp_path: Path) -> Iterator[Services]:
    """The services that all trainers share; each trainer may run two jobs."""
    settings = Settings(data_dir=tmp_path, database_url=postgres.new(), max_running_jobs=2, shutdown_grace_s=30)
    write_tiny(settings.resolved_datasets_dir)
    with contextlib.closing(compose(settings)) as services:
        yield services


@pytest.fixture
def start_trainer(shared: Services, tmp_path: Path) -> Iterator[StartTrainer]:
    """Starts trainers, and returns the process id of each once it is ready."""
    started: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "trainers.log"

    def start() -> int:
        with log.open("ab") as writing:
            command = [sys.executable, "-m", "service.training.trainer"]
            environment = os.environ | shared.settings.environment()
            started.append(subprocess.Popen(command, env=environment, stdout=writing, stderr=writing))
        until(lambda: log.read_text().count("the trainer is ready") == len(started), what="the trainer to be ready")
        return started[-1].pid

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(PATIENCE_S)


def test_each_trainer_runs_its_own_number_of_jobs(shared: Services, start_trainer: StartTrainer) -> None:
    """Two trainers run two of five jobs each; one that joins them runs the fifth."""
    first = {start_trainer() for _ in range(2)}
    for _ in range(5):
        queue(shared, epochs=1000)
    until(lambda: len(trainers(shared)) == 4, what="four running jobs")
    assert Counter(trainers(shared)) == dict.fromkeys(first, 2)
    last = start_trainer()
    until(lambda: len(trainers(shared)) == 5, what="the fifth")
    assert Counter(trainers(shared)) == {**dict.fromkeys(first, 2), last: 1}


def trainers(services: Services) -> list[int]:
    """Return the process id of the trainer of each running job."""
    return [lease.processes[0].pid for lease in services.claims.leases().values()]
