"""Which versions, jobs and checkpoints are pruned."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.domain.checkpoint import Checkpoint
from service.domain.model import Alias, Model, Version
from service.domain.pruning import PruneFacts, PruneRules, StoredJob, plan
from tests.stored import checkpoint

NOW = datetime(2026, 6, 30, tzinfo=UTC)
ALL = PruneRules(older_than_days=30, keep_checkpoints=1, keep_versions=1)


def point(name: str, job_id: str | None, step: int | None = 1, *, accuracy: float | None = None) -> Checkpoint:
    """Return a checkpoint with a name for an id."""
    return replace(checkpoint(job_id, step=step, accuracy=accuracy), id=name)


def job(name: str, days: float | None, **fields: Any) -> StoredJob:
    """Return a job that ended this many days ago, or has not ended."""
    return StoredJob(id=name, finished_at=None if days is None else NOW - timedelta(days=days), **fields)


def model(*checkpoints: str, alias: int | None = None) -> Model:
    """Return a model with these checkpoints as its versions, of which one may have an alias."""
    versions = tuple(
        Version(model="m", version=number, checkpoint_id=each, job_id=None, test_accuracy=None, created_at=NOW)
        for number, each in enumerate(checkpoints, start=1)
    )
    named = (Alias(model="m", alias="stable", version=alias, pinned=True, revision=1),) if alias else ()
    return Model(name="m", versions=versions, aliases=named)


def pruned(rules: PruneRules, **facts: Any) -> tuple[list[int], list[str], list[str]]:
    """Return the numbers of the pruned versions, and the ids of the pruned jobs and checkpoints."""
    made = plan(PruneFacts(**{"models": [], "jobs": [], "checkpoints": [], **facts}), rules, now=NOW)
    return [each.version for each in made.versions], list(made.jobs), sorted(made.checkpoints)


def test_without_rules_only_what_nothing_refers_to_goes() -> None:
    """A checkpoint of a deleted job goes; an upload, a version's checkpoint and what a queued job starts from stay."""
    checkpoints = [point("gone", None), point("version", None), point("start", None), point("upload", None, None)]
    facts = {"models": [model("version")], "jobs": [job("j", None, init_from="start")], "checkpoints": checkpoints}
    assert pruned(PruneRules(), **facts) == ([], [], ["gone"])


def test_old_versions_go_unless_an_alias_points_at_them() -> None:
    """The newest stay, too; the checkpoints of the others go, uploads included, unless a job still has them."""
    checkpoints = [point("a", None, None), point("b", None), point("c", "j"), point("d", None), point("e", None, None)]
    facts = {"models": [model("a", "b", "c", "d", "e", alias=2)], "jobs": [job("j", 1)], "checkpoints": checkpoints}
    assert pruned(PruneRules(keep_versions=1), **facts) == ([4, 3, 1], [], ["a", "d"])
    assert pruned(PruneRules(keep_versions=4), **facts) == ([1], [], ["a"])


def test_a_checkpoint_of_two_versions_stays_for_the_newer_one() -> None:
    """It is needed as long as one version has it."""
    facts = {"models": [model("a", "a")], "checkpoints": [point("a", None)]}
    assert pruned(PruneRules(keep_versions=1), **facts) == ([1], [], [])


def test_jobs_go_by_the_time_of_their_end() -> None:
    """Their checkpoints go with them, except one that a model serves; a job that has not ended stays."""
    jobs = [job("old", 31), job("new", 29), job("running", None)]
    checkpoints = [point("a", "old"), point("b", "old"), point("c", "new"), point("d", "running")]
    facts = {"models": [model("b")], "jobs": jobs, "checkpoints": checkpoints}
    assert pruned(PruneRules(older_than_days=30), **facts) == ([], ["old"], ["a"])


def test_of_each_ended_job_the_newest_the_best_and_the_result_stay() -> None:
    """And what a client saved; a job that has not ended keeps everything."""
    made = [point(f"{name}{step}", name, step, accuracy=1 / step) for name in ("j", "r") for step in range(1, 7)]
    facts = {"jobs": [job("j", 1, result="j3"), job("r", None)], "checkpoints": made, "saved": frozenset({"j4"})}
    assert pruned(PruneRules(keep_checkpoints=1), **facts) == ([], [], ["j2", "j5"])


@pytest.mark.parametrize("rules", [PruneRules(), ALL])
def test_an_empty_service_has_nothing_to_prune(rules: PruneRules) -> None:
    """No rule deletes anything then."""
    assert pruned(rules) == ([], [], [])
