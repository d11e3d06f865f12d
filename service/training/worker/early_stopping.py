"""Early stopping: counts epochs in which a figure did not become better."""

from dataclasses import dataclass, replace

from service.domain.config import EarlyStopping


@dataclass(frozen=True, kw_only=True)
class EarlyStoppingState:
    """How a watched figure has fared.

    Attributes:
        best: The best of it so far; None before the first epoch.
        best_epoch: When that was.
        epochs: Epochs since then.
    """

    best: float | None = None
    best_epoch: int | None = None
    epochs: int = 0

    def after(self, rule: EarlyStopping, *, epoch: int, figure: float) -> "EarlyStoppingState":
        """How it has fared after one more epoch; better is better by more than ``min_delta``."""
        if self.best is None or _better(rule, figure, self.best):
            return EarlyStoppingState(best=figure, best_epoch=epoch)
        return replace(self, epochs=self.epochs + 1)

    def is_over(self, rule: EarlyStopping) -> bool:
        """Whether the job has waited long enough."""
        return self.epochs >= rule.patience


def _better(rule: EarlyStopping, figure: float, best: float) -> bool:
    if rule.monitor.endswith("loss"):
        return figure + rule.min_delta < best
    return figure - rule.min_delta > best
