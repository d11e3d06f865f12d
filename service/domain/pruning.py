"""Pruning: which model versions, jobs and checkpoints an operator no longer wants to keep."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from service.domain.checkpoint import Checkpoint
from service.domain.model import Model, Version, retired
from service.domain.retention import Retention, dispensable


@dataclass(frozen=True, kw_only=True)
class PruneRules:
    """What to delete; None keeps all of a kind.

    Attributes:
        older_than_days: Jobs that ended more than this many days ago.
        keep_checkpoints: All but this many of the newest checkpoints of each job that has ended; its result, its best
            checkpoint and what a client saved stay too.
        keep_versions: All but this many of the newest versions of each model; those with an alias stay too.
    """

    older_than_days: int | None = None
    keep_checkpoints: int | None = None
    keep_versions: int | None = None

    @property
    def concern_jobs(self) -> bool:
        """Whether they delete anything of a job that exists."""
        return self.older_than_days is not None or self.keep_checkpoints is not None


@dataclass(frozen=True, kw_only=True)
class StoredJob:
    """What pruning needs to know of a job.

    Attributes:
        finished_at: None if it has not ended.
        init_from: The checkpoint that it starts from.
        result: The checkpoint with its last weights.
    """

    id: str
    finished_at: datetime | None
    init_from: str | None = None
    result: str | None = None


@dataclass(frozen=True, kw_only=True)
class PruneFacts:
    """What is stored.

    Attributes:
        saved: The checkpoints that clients have saved by a request.
    """

    models: Sequence[Model]
    jobs: Sequence[StoredJob]
    checkpoints: Sequence[Checkpoint]
    saved: frozenset[str] = frozenset()

    @cached_property
    def of_job(self) -> dict[str | None, list[Checkpoint]]:
        """The checkpoints by job."""
        by_job: dict[str | None, list[Checkpoint]] = defaultdict(list)
        for each in self.checkpoints:
            by_job[each.job_id].append(each)
        return by_job


@dataclass(frozen=True, kw_only=True)
class PrunePlan:
    """What is to be deleted, by id, in this order."""

    versions: tuple[Version, ...]
    jobs: tuple[str, ...]
    checkpoints: tuple[str, ...]


def plan(facts: PruneFacts, rules: PruneRules, *, now: datetime) -> PrunePlan:
    """Return what *rules* delete. Checkpoints of deleted jobs and retired versions go if nothing else needs them."""
    versions = [each for model in facts.models for each in retired(model, keep=rules.keep_versions)]
    jobs = {each.id: None for each in facts.jobs if _is_old(each, rules, now)}  # a dict keeps the order
    needed = _needed(facts, without={(each.model, each.version) for each in versions})
    of_retired = {each.checkpoint_id for each in versions}
    gone = [
        each.id
        for each in facts.checkpoints
        if each.job_id in jobs or (each.job_id is None and (each.step is not None or each.id in of_retired))
    ]
    gone += [each for job in facts.jobs if job.id not in jobs for each in _surplus(facts, rules, job)]
    return PrunePlan(
        versions=tuple(versions), jobs=tuple(jobs), checkpoints=tuple(each for each in gone if each not in needed)
    )


def _is_old(job: StoredJob, rules: PruneRules, now: datetime) -> bool:
    if rules.older_than_days is None or job.finished_at is None:
        return False
    return now - job.finished_at > timedelta(days=rules.older_than_days)


def _needed(facts: PruneFacts, *, without: set[tuple[str, int]]) -> set[str]:
    """Return the checkpoints that the remaining versions and the jobs that have not ended need."""
    versions = {
        each.checkpoint_id
        for model in facts.models
        for each in model.versions
        if (each.model, each.version) not in without
    }
    return versions | {job.init_from for job in facts.jobs if job.init_from and job.finished_at is None}


def _surplus(facts: PruneFacts, rules: PruneRules, job: StoredJob) -> list[str]:
    """Return the checkpoints that a job which has ended has beyond those to keep."""
    if rules.keep_checkpoints is None or job.finished_at is None:
        return []
    own = facts.of_job.get(job.id, ())
    retention = Retention(keep_last=rules.keep_checkpoints, keep_best=1, monitor="test_accuracy")
    return [each.id for each in dispensable(own, retention) if each.id != job.result and each.id not in facts.saved]
