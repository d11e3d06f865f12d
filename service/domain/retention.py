"""The rule by which a job's checkpoints are kept or may go."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.checkpoint import Checkpoint


@dataclass(frozen=True, kw_only=True)
class Retention:
    """What is kept of a job's checkpoints.

    Attributes:
        keep_last: So many of the newest; None for none but the last.
        keep_best: So many of the best; None for the one best.
        monitor: The figure by which they are compared: a loss is better when lower, an accuracy when higher.
    """

    keep_last: int | None
    keep_best: int | None
    monitor: str

    @property
    def keeps_all(self) -> bool:
        """Whether nothing ever goes."""
        return self.keep_last is None and self.keep_best is None


def dispensable(checkpoints: Sequence[Checkpoint], retention: Retention) -> list[Checkpoint]:
    """Those that may go. Of equals the earlier is the better; one that training can go on from is always kept."""
    if retention.keeps_all:
        return []
    newest = sorted(checkpoints, key=lambda each: (each.step or 0, each.id), reverse=True)
    scored = [each for each in checkpoints if retention.monitor in each.metrics]
    sign = 1 if retention.monitor.endswith("loss") else -1
    best = sorted(scored, key=lambda each: (sign * each.metrics[retention.monitor], each.step or 0, each.id))
    kept = newest[: retention.keep_last or 1] + best[: retention.keep_best or 1]
    kept += [each for each in newest if each.resumable][:1]
    ids = {each.id for each in kept}
    return [each for each in checkpoints if each.id not in ids]
