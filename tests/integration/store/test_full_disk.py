"""On a full disk, what frees space still works: a reserve file is given up for it."""

import contextlib
import io
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from naivenet import to_safetensors
from service.composition import Services, compose
from service.domain.config import JobConfig
from service.domain.history import LossChunk
from service.domain.job import Status
from service.domain.worker_messages import ProgressReport
from service.errors import NotFound, StorageFull, Unavailable
from service.settings import Settings
from service.store.jobs.history import loss_rows
from service.store.reserve import RESERVE_BYTES
from service.store.tables import EventRow, LossRow
from tests.disks import fill, mounted
from tests.stored import checkpoint, chunk, notebook_weights


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Services]:
    """A service on a small disk of its own, with its reserve."""
    with mounted(tmp_path / "disk", size=40_000_000) as folder:
        services = compose(Settings(data_dir=folder, min_free_bytes=3_000_000))
        services.database.reserve.fill()
        yield services
        services.close()


def ended_job(services: Services) -> str:
    """Add a cancelled job with a history and a checkpoint."""
    job_id = services.jobs.create(JobConfig()).id
    claim = services.claims.acquire(max_running=10)
    assert claim
    for first in range(1, 401, 4):
        services.workers.record(claim, ProgressReport(chunks=[chunk(first, first + 3)]))
    point = services.weights.write(
        to_safetensors(notebook_weights()), network=checkpoint().network, job_id=job_id, step=400, epoch=1
    )
    services.workers.add_checkpoint(claim, point)
    services.jobs.cancel(job_id)
    services.workers.cancelled(claim)
    return job_id


def exhaust(services: Services) -> Path:
    """Fill the disk to the last byte, and return the file to delete again. SQLite's log is empty before."""
    services.database.truncate_log()  # as after a restart
    filler = services.settings.data_dir / "filler"
    fill(filler)
    with pytest.raises(Unavailable, match="full"):
        services.jobs.create(JobConfig())
    return filler


def test_a_job_can_be_deleted_on_a_full_disk(small: Services) -> None:
    """Its rows go with the help of the reserve, then its files; after that there is room again, and a new reserve."""
    first, second = ended_job(small), ended_job(small)
    exhaust(small)
    for job_id in (first, second):
        small.weights.delete_bytes(*small.jobs.delete(job_id))
        with pytest.raises(NotFound):
            small.jobs.get(job_id)
    assert (small.disks.free_bytes() or 0) > 1_000_000
    assert small.jobs.create(JobConfig()).status is Status.QUEUED


def test_a_job_with_a_log_beyond_the_reserve_can_be_deleted_on_a_full_disk(small: Services) -> None:
    """Its log goes in pieces: SQLite writes each page with one of its rows again. The log of another job stays."""
    large, other = ended_job(small), ended_job(small)
    for first in range(1001, 1_000_001, 50_000):
        add_log(small, [large, other], first=first)
    small.database.truncate_log()
    assert (small.settings.data_dir / "naivenet.db").stat().st_size > 3 * RESERVE_BYTES
    exhaust(small)
    small.jobs.delete(large)
    with pytest.raises(NotFound):
        small.jobs.get(large)
    assert small.events.after(large, 0, limit=1) == []
    with small.database.read() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (EventRow, LossRow)]
    assert counts == [105 + 20 * 1500, 100 + 20]


def add_log(services: Services, job_ids: Sequence[str], *, first: int) -> None:
    """Add a row with 25,000 losses and 1,500 events to the log of each job, as if they trained at the same time."""
    losses = LossChunk(first_step=first, epoch=1, losses=array("f", bytes(100_000)))
    event = {"type": "status", "at": datetime.now(UTC), "data": {"status": "running", "reason": "none" * 10}}
    events = [{**event, "job_id": each, "number": first + n} for n in range(1500) for each in job_ids]
    with services.database.write() as session:
        for each in job_ids:
            session.add_all(loss_rows(each, [losses]))
        session.execute(insert(EventRow), events)


def test_a_checkpoint_can_be_deleted_on_a_full_disk(small: Services) -> None:
    """The row and the files of an upload go."""
    uploads = [
        small.weights.upload(io.BytesIO(to_safetensors(notebook_weights())), None, small.limits) for _ in range(3)
    ]
    exhaust(small)
    for each in uploads:
        small.weights.delete(each.id)
    assert small.checkpoints.ids() == small.blobs.names() == set()


def test_a_queued_job_can_be_cancelled_on_a_full_disk(small: Services) -> None:
    """A job must have ended before it can be deleted."""
    job_id = small.jobs.create(JobConfig()).id
    exhaust(small)
    assert small.jobs.cancel(job_id).status is Status.CANCELLED


def test_a_service_starts_on_a_full_disk(small: Services) -> None:
    """SQLite needs a little space to open a database that was closed: a part of the reserve. Then deletes work."""
    job_id = ended_job(small)
    exhaust(small)
    small.close()
    fill(small.settings.data_dir / "second filler")
    assert not (small.settings.data_dir / "naivenet.db-shm").exists()
    with contextlib.closing(compose(small.settings)) as restarted:
        restarted.weights.delete_bytes(*restarted.jobs.delete(job_id))
        assert restarted.jobs.create(JobConfig()).status is Status.QUEUED


def test_no_job_starts_on_a_full_disk(small: Services) -> None:
    """The error says how much space is free and how much jobs need."""
    small.disks.check()
    filler = exhaust(small)
    with pytest.raises(StorageFull, match=r"Only 0.0 MB of disk space are free: jobs wait until there are 3.0 MB"):
        small.disks.check()
    filler.unlink()
    small.disks.check()


def test_the_reserve_comes_back_when_there_is_room(small: Services) -> None:
    """It is not filled with the last free space, and only one file is ever there."""
    reserve = small.settings.data_dir / "naivenet.db-reserve"
    assert reserve.stat().st_size == RESERVE_BYTES
    filler = exhaust(small)
    with small.database.write_when_full():
        assert not reserve.exists()
    small.database.reserve.fill()
    assert not reserve.exists()
    filler.unlink()
    small.database.reserve.fill()
    assert reserve.stat().st_size == RESERVE_BYTES
