"""Jobs in every state, on a database of each test's own; each test runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.composition import Services, compose
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.worker_messages import ProgressReport
from service.settings import Settings
from tests.stored import STEPS_PER_EPOCH, checkpoint, chunk, epoch


@pytest.fixture(params=["sqlite", "postgresql"])
def services(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_database: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """The services of a process; processes that the test starts use the same database."""
    if request.param == "postgresql":
        monkeypatch.setenv("NAIVENET_DATABASE_URL", request.getfixturevalue("postgres").emptied())
    else:
        shutil.copy(migrated_database, tmp_path)
    composed = compose(Settings(data_dir=tmp_path))
    yield composed
    composed.close()


@pytest.fixture
def queue(services: Services) -> Callable[..., str]:
    """Queue a job; return its id."""
    return lambda **fields: services.jobs.create(JobConfig(**fields)).id


@pytest.fixture
def held(services: Services, queue: Callable[..., str]) -> Callable[..., Claim]:
    """Queue a job and claim it."""

    def hold(**fields: object) -> Claim:
        queue(**fields)
        claim = services.claims.acquire(max_running=100)
        assert claim is not None
        return claim

    return hold


@pytest.fixture
def succeeded(services: Services, held: Callable[..., Claim]) -> Callable[..., Claim]:
    """Train a job to the end, with one checkpoint of the given accuracy."""

    def succeed(accuracy: float = 0.5, **fields: object) -> Claim:
        claim = held(**fields)
        services.workers.begin(claim, threads=1, total_steps=STEPS_PER_EPOCH, from_step=0)
        services.workers.record(
            claim, ProgressReport(chunks=[chunk(1, STEPS_PER_EPOCH)], epochs=[epoch(1, test_accuracy=accuracy)])
        )
        services.workers.add_checkpoint(claim, checkpoint(claim.job_id, step=STEPS_PER_EPOCH, accuracy=accuracy))
        services.workers.succeed(claim)
        return claim

    return succeed
