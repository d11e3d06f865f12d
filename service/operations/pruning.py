"""Deletes what an operator's rules no longer keep, and says how many bytes that frees."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime

from service.composition import Services
from service.domain.pruning import PrunePlan, PruneRules, plan
from service.errors import InvalidTransition, NotFound, StillInUse
from service.jobs.removal import remove_job


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What can be deleted now.

    Attributes:
        bytes: The size of each checkpoint's files, by its id.
        trash_bytes: The size of all files in the trash; 0 if it is not to be emptied.
    """

    plan: PrunePlan
    bytes: dict[str, int]
    trash_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        """The bytes that the checkpoint store has less afterwards."""
        return sum(self.bytes.values()) + self.trash_bytes


def prepare(services: Services, rules: PruneRules, *, empty_trash: bool = False) -> Pruning:
    """Return what *rules* delete now; nothing is deleted yet."""
    planned = plan_now(services, rules)
    sizes = dict.fromkeys(planned.checkpoints, 0)
    for name, size in services.blobs.sizes().items():
        if (checkpoint_id := name.partition(".")[0]) in sizes:
            sizes[checkpoint_id] += size
    return Pruning(plan=planned, bytes=sizes, trash_bytes=services.trash.total_bytes() if empty_trash else 0)


def plan_now(services: Services, rules: PruneRules) -> PrunePlan:
    """Return what *rules* delete now."""
    return plan(services.pruning.facts(rules), rules, now=datetime.now(UTC))


def carry_out(services: Services, planned: PrunePlan) -> None:
    """Delete what was planned, each thing in a transaction of its own; skip what is used or gone by now."""
    if planned.versions:
        services.pruning.retire(planned.versions)
    for job_id in planned.jobs:
        with contextlib.suppress(NotFound, InvalidTransition):
            remove_job(services, job_id)
    for checkpoint_id in planned.checkpoints:
        with contextlib.suppress(NotFound, StillInUse):
            services.weights.delete(checkpoint_id)
