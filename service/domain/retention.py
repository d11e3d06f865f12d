"""Retention: which of a job's checkpoints are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.checkpoint import Checkpoint


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How many of a job's checkpoints are kept.

    Attributes:
        keep_last: Keep this many of the newest; None keeps the last only.
        keep_best: Keep this many of the best; None keeps the best only.
        monitor: The metric that compares them: a lower loss is better, or a higher accuracy.
    """

    keep_last: int | None
    keep_best: int | None
    monitor: str

    @property
    def keeps_all(self) -> bool:
        """Whether no checkpoint is ever removed, except automatic ones."""
        return self.keep_last is None and self.keep_best is None


def dispensable(checkpoints: Sequence[Checkpoint], retention: Retention) -> list[Checkpoint]:
    """Return the checkpoints to remove: what *retention* does not keep, and all automatic ones but the newest of all.

    The newest resumable one stays; of equals the earlier is the better. Automatic ones count as none of those to keep.
    """
    newest = sorted(checkpoints, key=lambda each: (each.step or 0, each.id), reverse=True)
    replaced = [each for each in newest[1:] if each.automatic]
    return replaced + _not_kept([each for each in newest if not each.automatic], retention)


def _not_kept(newest: Sequence[Checkpoint], retention: Retention) -> list[Checkpoint]:
    """Return the checkpoints, sorted from the newest, that *retention* does not keep."""
    if retention.keeps_all:
        return []
    scored = [each for each in newest if retention.monitor in each.metrics]
    sign = 1 if retention.monitor.endswith("loss") else -1
    best = sorted(scored, key=lambda each: (sign * each.metrics[retention.monitor], each.step or 0, each.id))
    kept = [*newest[: retention.keep_last or 1], *best[: retention.keep_best or 1]]
    kept += [each for each in newest if each.resumable][:1]
    ids = {each.id for each in kept}
    return [each for each in newest if each.id not in ids]
