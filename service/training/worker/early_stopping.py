"""Early stopping: counts the epochs in which the monitored metric did not improve."""

from dataclasses import dataclass, replace

from service.domain.config import EarlyStopping


@dataclass(frozen=True, kw_only=True)
class EarlyStoppingState:
    """How the monitored metric has developed.

    Attributes:
        best: Its best value; None before the first epoch.
        best_epoch: The epoch of the best value.
        epochs: The number of epochs since then.
    """

    best: float | None = None
    best_epoch: int | None = None
    epochs: int = 0

    def after(self, rule: EarlyStopping, *, epoch: int, metric: float) -> "EarlyStoppingState":
        """Return the state after one more epoch. An improvement must be larger than ``min_delta``."""
        if self.best is None or _is_better(rule, metric, self.best):
            return EarlyStoppingState(best=metric, best_epoch=epoch)
        return replace(self, epochs=self.epochs + 1)

    def is_over(self, rule: EarlyStopping) -> bool:
        """Return whether the metric has not improved for as many epochs as the rule's patience."""
        return self.epochs >= rule.patience


def _is_better(rule: EarlyStopping, metric: float, best: float) -> bool:
    if rule.monitor.endswith("loss"):
        return metric + rule.min_delta < best
    return metric - rule.min_delta > best
