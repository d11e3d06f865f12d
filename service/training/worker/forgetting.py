"""Finds that a network which started from saved weights reads the main test set worse than these weights did."""

from dataclasses import dataclass

import naivenet
from service.training.worker.diagnostic import Diagnostic

#: A loss of accuracy is reported beyond this share.
FORGOTTEN_SHARE = 0.02


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """The accuracy on the main test set that the first weights of a job had.

    It follows from those weights, so that a resumed run reports the same as an undisturbed one.
    """

    dataset: str
    accuracy: float

    def after_epoch(self, end: naivenet.EpochEnd, *, learning_rate: float) -> list[Diagnostic]:
        """Return the report that the accuracy has fallen; empty if it has not, or not by enough."""
        now = end.test_accuracy or 0.0
        lost = self.accuracy - now
        if lost <= FORGOTTEN_SHARE:
            return []
        diagnostic = Diagnostic(
            code="forgotten",
            epoch=end.epoch,
            step=end.step,
            evidence={
                "share": lost,
                "accuracy_before": self.accuracy,
                "accuracy": now,
                "learning_rate": learning_rate,
            },
            message=f"The network read {self.accuracy:.1%} of the test pictures of {self.dataset!r} before this job, "
            f"and {now:.1%} now.",
            hint="Show more pictures of that dataset, by its weight in `datasets`, or try a smaller learning rate or "
            "fewer epochs.",
        )
        return [diagnostic]
