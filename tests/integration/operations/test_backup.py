"""Backups: complete, restored into an empty service only, on either database; a job in one resumes exactly."""

import base64
import gzip
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

import naivenet
from service.composition import Services, compose
from service.domain.checkpoint import Checkpoint
from service.domain.config import JobConfig
from service.domain.job import Failure, Status
from service.domain.listing import Listing
from service.errors import Conflict, CorruptBackup, CorruptCheckpoint
from service.inference.limits import InputLimits
from service.inference.requests.labelled import read_labelled_json
from service.jobs import datasets
from service.jobs.datasets import collecting
from service.operations.backup import Backup
from service.settings import Settings
from service.storage.blobs import STORE_ID, digest
from service.store.database import HEAD
from service.store.jobs.filters import JobFilter
from service.store.operations.dumps import DumpStore
from service.store.tables import JobRow
from tests.attempts import attempt, claim_next, queue
from tests.compatibility.old_service import DATASETS, RECORDED, V0
from tests.integration.api.refusals import png
from tests.postgres import Cluster
from tests.stored import notebook_weights

MakeServices = Callable[..., Services]


@pytest.fixture
def make(tmp_path: Path, tiny: Path, migrated_database: Path) -> Iterator[MakeServices]:
    """Compose services, each with a data folder of its own."""
    made: list[Services] = []

    def one(name: str, **settings: object) -> Services:
        shutil.copytree(tiny, tmp_path / name / "datasets")
        shutil.copy(migrated_database, tmp_path / name)
        made.append(compose(Settings(data_dir=tmp_path / name, **settings)))  # type: ignore[arg-type]  # by name
        return made[-1]

    yield one
    for each in made:
        each.close()


def tool(services: Services) -> Backup:
    """Return the tool that backs up these services, or restores into them."""
    return Backup(DumpStore(services.database), services.blobs)


def trained(services: Services) -> tuple[list[float], str]:
    """Train the only job to its end; return its losses and the digest of its last weights."""
    assert attempt(services, claim_next(services)) == 0
    (job,), _ = services.jobs.page(JobFilter(), Listing(limit=2))
    assert job.status == Status.SUCCEEDED, job.error
    (point, *_), _ = services.checkpoints.page(Listing(limit=1), job_id=job.id)
    return services.history.losses(job.id).losses.tolist(), point.sha256


def test_a_running_job_resumes_exactly_from_a_backup(make: MakeServices, tmp_path: Path) -> None:
    """A backup made in the middle of a job is restored: the job ends with the same bytes as without interruption."""
    uninterrupted, interrupted, restored = make("uninterrupted"), make("interrupted"), make("restored")
    queue(uninterrupted, epochs=12)
    queue(interrupted, epochs=12)
    attempt(interrupted, claim_next(interrupted), kill_at="saved")
    (point, *_), _ = interrupted.checkpoints.page(Listing(limit=1))
    assert (point.step or 0) > 0
    summary = tool(interrupted).write(tmp_path / "backup.tar")
    assert tool(restored).restore(tmp_path / "backup.tar") == summary
    assert summary.checkpoints >= 1
    assert trained(restored) == trained(uninterrupted)


def test_from_sqlite_to_postgresql_and_back(make: MakeServices, postgres: Cluster, tmp_path: Path) -> None:
    """The rows are the same on both databases, so that a backup can move a service from one to the other."""
    first, second, third = make("a"), make("b", database_url=postgres.new()), make("c")
    job = first.jobs.create(JobConfig(name="ümläut", metadata={"a": "b"}))
    point = uploaded(first)
    first.models.add_version("digits", point.id)
    for number, (source, target) in enumerate([(first, second), (second, third)]):
        tool(source).write(tmp_path / f"{number}.tar")
        tool(target).restore(tmp_path / f"{number}.tar")
    assert third.jobs.get(job.id) == job
    assert third.checkpoints.get(point.id) == point
    assert third.weights.read(point) == first.weights.read(point)
    assert third.models.get("digits") == first.models.get("digits")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_an_older_version_is_migrated(
    make: MakeServices, postgres: Cluster, tmp_path: Path, kind: str
) -> None:
    """The backup of version 0.1.0, with its older tables, becomes the rows of the present tables on both databases."""
    services = make("a", **({"database_url": postgres.new()} if kind == "postgresql" else {}))
    (tmp_path / "old.tar").write_bytes(gzip.decompress((V0 / "backup.tar.gz").read_bytes()))
    restored = tool(services).restore(tmp_path / "old.tar")
    new = '["job_labels"'  # a table that a migration fills from the others
    assert restored.rows == sum(1 for line in DumpStore(services.database).lines() if not line.startswith(new))
    assert services.database.revision() == HEAD
    with services.database.read() as session:
        unfinished = session.scalars(select(JobRow.id).where(JobRow.result.is_(None), JobRow.error.is_(None))).all()
        assert set(unfinished) >= {RECORDED["jobs"]["paused"], RECORDED["jobs"]["killed"]}  # NULL, not JSON's null
    assert trained_one(services, RECORDED["jobs"]["killed"]) is Status.SUCCEEDED


def trained_one(services: Services, job_id: str) -> Status:
    """Train one of several jobs to its end; return its status."""
    shutil.copytree(DATASETS, services.settings.resolved_datasets_dir, dirs_exist_ok=True)
    while (claim := claim_next(services)).job_id != job_id:
        services.workers.fail(claim, Failure(code="x", message="Not this one."))
    assert attempt(services, claim) == 0
    return services.jobs.get(job_id).status


def test_nothing_is_overwritten(make: MakeServices, tmp_path: Path) -> None:
    """Restoring into a service with data is refused, and so is writing over an older backup."""
    services = make("a")
    services.jobs.create(JobConfig())
    tool(services).write(tmp_path / "b.tar")
    with pytest.raises(Conflict, match="empty"):
        tool(services).restore(tmp_path / "b.tar")
    with pytest.raises(Conflict, match="already exists"):
        tool(services).write(tmp_path / "b.tar")


def uploaded(services: Services) -> Checkpoint:
    """Upload a checkpoint."""
    return services.weights.upload(io.BytesIO(naivenet.to_safetensors(notebook_weights())), None, services.limits)


@pytest.mark.parametrize("is_old", [False, True], ids=["own", "older version's"])
def test_a_restored_service_has_an_id_of_its_own(make: MakeServices, tmp_path: Path, *, is_old: bool) -> None:
    """Database and store of the copy belong together, and neither fits the original, also after a first start."""
    services, restored, file = make("a"), make("b"), tmp_path / "b.tar"
    uploaded(services)
    for each in (services, restored):
        assert each.pairing.establish() is None
    if is_old:
        file.write_bytes(gzip.decompress((V0 / "backup.tar.gz").read_bytes()))
    else:
        tool(services).write(file)
    tool(restored).restore(file)
    assert restored.pairing.establish() is restored.pairing.problem() is None
    assert restored.blobs.read(STORE_ID) != services.blobs.read(STORE_ID)


def test_a_checkpoint_deleted_during_the_backup_is_left_out(make: MakeServices, tmp_path: Path) -> None:
    """A checkpoint that is deleted after the rows were read has no row in the backup."""
    services, restored = make("a"), make("b")
    gone, kept = uploaded(services), uploaded(services)

    class Late(DumpStore):
        def lines(self) -> Iterator[str]:
            yield from super().lines()
            services.weights.delete(gone.id)

    summary = Backup(Late(services.database), services.blobs).write(tmp_path / "b.tar")
    assert (summary.checkpoints, summary.damaged) == (1, ())
    tool(restored).restore(tmp_path / "b.tar")
    assert restored.checkpoints.ids() == {kept.id}


def test_a_damaged_checkpoint_does_not_prevent_a_backup(make: MakeServices, tmp_path: Path) -> None:
    """The summary names the damaged checkpoints; they stay damaged after the restore, and everything else is intact."""
    services, restored = make("a"), make("b")
    changed, lost, whole = (uploaded(services) for _ in range(3))
    services.blobs.write(changed.weights_blob, b"other bytes")
    services.blobs.delete(lost.weights_blob)
    services.models.add_version("digits", changed.id)
    summary = tool(services).write(tmp_path / "b.tar")
    assert (summary.checkpoints, set(summary.damaged)) == (3, {changed.id, lost.id})
    assert tool(restored).restore(tmp_path / "b.tar") == summary
    assert restored.weights.read(restored.checkpoints.get(whole.id)) == services.weights.read(whole)
    assert restored.blobs.read(changed.weights_blob) == b"other bytes"
    for each in (changed, lost):
        with pytest.raises(CorruptCheckpoint):
            restored.weights.read(restored.checkpoints.get(each.id))


def with_datasets(services: Services) -> list[str]:
    """Upload a dataset, and collect two pictures in it; return the ids of the samples."""
    images = np.zeros((2, 28, 28), np.uint8)
    arrays = {"x_train": images, "y_train": images[:, 0, 0], "x_test": images[:0], "y_test": images[:0, 0, 0]}
    collecting.create(services, "mine", arrays=arrays)
    sent = json.dumps({"samples": [{"label": label, "image": base64.b64encode(png()).decode()} for label in (1, 7)]})
    added, _ = collecting.add_samples(services, "mine", read_labelled_json(sent.encode(), InputLimits()))
    return [each.id for each in added]


def test_datasets_are_restored_with_all_versions_and_originals(make: MakeServices, tmp_path: Path) -> None:
    """Each version has its digest again, and each original its bytes; a restored service keeps their files."""
    services, restored = make("a"), make("b")
    first, second = with_datasets(services)
    collecting.remove_sample(services, "mine", second)
    summary = tool(services).write(tmp_path / "b.tar")
    assert (tool(restored).restore(tmp_path / "b.tar"), summary.datasets) == (summary, 1)
    for version in (1, 2, 3):
        assert datasets.find(restored, "mine", version) == datasets.find(services, "mine", version)
        loaded = [datasets.load_version(each, "mine", version) for each in (services, restored)]
        assert naivenet.datasets.digest(loaded[0]) == naivenet.datasets.digest(loaded[1])
    assert restored.dataset_files.read_original(restored.samples.get("mine", first)) == png()
    assert restored.blobs.names() == services.blobs.names() - {STORE_ID}


@pytest.mark.parametrize("call", ["sample", "dataset"])
def test_pictures_deleted_during_the_backup_are_left_out(make: MakeServices, tmp_path: Path, call: str) -> None:
    """A sample that is deleted meanwhile has no original picture any more; a dataset is not in the backup."""
    services, restored = make("a"), make("b")
    first, second = with_datasets(services)

    class Late(DumpStore):
        def lines(self) -> Iterator[str]:
            yield from super().lines()
            if call == "sample":
                collecting.remove_sample(services, "mine", first)
            else:
                collecting.delete(services, "mine")

    summary = Backup(Late(services.database), services.blobs).write(tmp_path / "b.tar")
    assert summary.damaged == ()
    tool(restored).restore(tmp_path / "b.tar")
    if call == "dataset":
        assert restored.datasets.names() == []
    else:
        originals = [restored.samples.get("mine", each).original is None for each in (first, second)]
        assert originals == [True, False]


@pytest.mark.parametrize("spoil", ["weights", "rows", "cut", "text", "id", "migration"])
def test_a_damaged_backup_restores_nothing(make: MakeServices, tmp_path: Path, spoil: str) -> None:
    """A damaged backup leaves no row and no blob behind, and writes no file outside the data folder."""
    services, restored = make("a"), make("b")
    uploaded(services)
    tool(services).write(tmp_path / "good.tar")
    (tmp_path / "bad.tar").write_bytes(_spoiled(tmp_path / "good.tar", spoil))
    with pytest.raises(CorruptBackup):
        tool(restored).restore(tmp_path / "bad.tar")
    assert restored.checkpoints.ids() == restored.blobs.names() == set()
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "good.tar", "bad.tar"}


def _spoiled(path: Path, how: str) -> bytes:
    if how in {"cut", "text"}:
        return path.read_bytes()[:100_000] if how == "cut" else b"no tar at all"
    with tarfile.open(path) as tar:
        members = {name: _read(tar, name) for name in tar.getnames()}
    manifest = json.loads(members["manifest.json"])
    if how == "weights":
        name = next(name for name in members if name.startswith("blobs/"))
        members[name] = members[name][:-1] + b"x"
    elif how == "migration":
        manifest["migration"] = "9999"
    elif how == "rows":
        members["rows.jsonl"] += b" "
    else:
        members["rows.jsonl"] = members["rows.jsonl"].replace(b'"id": "ckpt_', b'"id": "../../ckpt_')
        manifest["rows_sha256"] = digest(members["rows.jsonl"])
    members["manifest.json"] = json.dumps(manifest).encode()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file
    return file.read()
