"""The mean of a metric at each epoch, over the runs of an arm, with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.experiments.summaries import Summary, summarize


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """The metric of an arm's runs at an epoch: of all runs that have reached it, and have not diverged."""

    epoch: int
    summary: Summary


def mean_curve(runs: Sequence[Mapping[int, float]]) -> list[CurvePoint]:
    """Return the points of an arm's mean curve.

    Args:
        runs: The metric by the epoch, of each run; epochs at which it is unknown are absent.
    """
    epochs = sorted({epoch for run in runs for epoch in run})
    values = {epoch: [run[epoch] for run in runs if epoch in run] for epoch in epochs}
    return [CurvePoint(epoch=epoch, summary=summarize(values[epoch])) for epoch in epochs]
