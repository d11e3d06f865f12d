"""Pruning deletes rows and files, and nothing that is in use."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

import naivenet
from service.cli.app import app
from service.composition import Services, compose
from service.domain.checkpoint import Checkpoint
from service.domain.config import JobConfig
from service.domain.pruning import PruneRules
from service.errors import NotFound
from service.operations.pruning import carry_out, prepare
from service.settings import Settings
from service.store.tables import JobRow
from service.training.trainer.sweeper import Sweeper
from tests.stored import checkpoint, notebook_weights

WEIGHTS = naivenet.to_safetensors(notebook_weights())


def uploaded(services: Services) -> Checkpoint:
    """Upload a checkpoint."""
    return services.weights.upload(io.BytesIO(WEIGHTS), None, services.limits)


def ended_job(services: Services, *, checkpoints: int = 1, days: int = 0) -> tuple[str, list[str]]:
    """Add a cancelled job that ended some days ago; return its id and its checkpoints."""
    job_id = services.jobs.create(JobConfig()).id
    claim = services.claims.acquire(max_running=10)
    assert claim
    points = [
        services.weights.write(WEIGHTS, network=checkpoint().network, job_id=job_id, step=step, epoch=step)
        for step in range(1, checkpoints + 1)
    ]
    for each in points:
        services.workers.add_checkpoint(claim, each)
    services.jobs.cancel(job_id)
    services.workers.cancelled(claim)
    with services.database.write() as session:
        session.get_one(JobRow, job_id).finished_at = datetime.now(UTC) - timedelta(days=days)
    return job_id, [each.id for each in points]


def test_pruning_deletes_what_was_listed(services: Services) -> None:
    """An old job, surplus checkpoints and old versions go with their files; the sizes are those of the files."""
    old, _ = ended_job(services, checkpoints=2, days=40)
    new, (*_, last) = ended_job(services, checkpoints=3)
    versions = [uploaded(services) for _ in range(3)]
    for each in versions:
        services.models.add_version("digits", each.id)
    services.models.set_alias("digits", "stable", 2)
    services.models.set_alias("digits", "live", 3)
    rules = PruneRules(older_than_days=30, keep_checkpoints=1, keep_versions=1)
    pruning = prepare(services, rules)
    before = sum(services.blobs.sizes().values())
    carry_out(services, pruning.plan)
    assert before - sum(services.blobs.sizes().values()) == pruning.total_bytes == 5 * len(WEIGHTS)
    assert services.checkpoints.ids() == {last, versions[1].id, versions[2].id}
    assert [each.version for each in services.models.get("digits").versions] == [3, 2]
    assert services.jobs.get(new)
    with pytest.raises(NotFound):
        services.jobs.get(old)
    assert prepare(services, rules).plan.checkpoints == ()


def test_the_trainer_retires_versions_by_the_setting(services: Services) -> None:
    """With `keep_versions` the old versions and their checkpoints go at the next sweep."""
    chosen = compose(Settings(data_dir=services.settings.data_dir, keep_versions=1))
    points = [uploaded(chosen) for _ in range(3)]
    for each in points:
        chosen.models.add_version("mine", each.id)
    Sweeper(services, after_s=100).sweep(now=0)
    assert len(chosen.models.get("mine").versions) == 3
    Sweeper(chosen, after_s=100).sweep(now=0)
    assert [each.version for each in chosen.models.get("mine").versions] == [3]
    assert chosen.blobs.names() == {points[-1].weights_blob}
    chosen.close()


def test_checkpoints_of_a_deleted_job_go_when_nothing_uses_them_any_more(services: Services) -> None:
    """A job that is deleted leaves the checkpoint that a queued job starts from; it goes when that job has ended."""
    job_id, (point,) = ended_job(services)
    waiting = services.jobs.create(JobConfig(init_from=point)).id
    services.weights.delete_bytes(*services.jobs.delete(job_id))
    sweeper = Sweeper(services, after_s=100)
    sweeper.sweep(now=0)
    assert services.checkpoints.ids() == {point}
    services.jobs.cancel(waiting)
    sweeper.sweep(now=100)
    assert services.checkpoints.ids() == services.blobs.names() == set()


def test_the_command_deletes_only_with_yes(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it each line says what would go, and how many bytes that frees."""
    monkeypatch.setenv("NAIVENET_DATA_DIR", str(services.settings.data_dir))
    job_id, (point,) = ended_job(services, days=2)
    services.blobs.write("ckpt_x.safetensors", b"bytes")
    services.trash.throw(["ckpt_x.safetensors"])
    arguments = ["prune", "--older-than", "1", "--trash"]
    listed = CliRunner().invoke(app, arguments)
    assert listed.exit_code == 0, listed.output
    size = len(WEIGHTS)
    assert listed.output.splitlines() == [
        f"job        {job_id}",
        f"checkpoint {point} {size:,} bytes",
        "trash      5 bytes",
        f"{size + 5:,} bytes to delete; --yes deletes them",
    ]
    as_json = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).output)
    assert as_json == {
        "versions": [],
        "jobs": [job_id],
        "checkpoints": [{"id": point, "bytes": size}],
        "trash_bytes": 5,
        "total_bytes": size + 5,
        "deleted": False,
    }
    assert services.checkpoints.ids() == {point}
    assert CliRunner().invoke(app, [*arguments, "--yes"]).output.splitlines()[-1] == f"{size + 5:,} bytes deleted"
    assert services.checkpoints.ids() == services.blobs.names() == set()
    assert services.trash.days() == []
